/** A measurement that failed: a line for its rows, the benchmark goes on. */
export class Failure extends Error {}

/** What `work` gives; whatever it fails by is a Failure that begins with `what`. */
export async function orFailure<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${what}: ${(error as Error).message.split('\n')[0]}`);
  }
}
