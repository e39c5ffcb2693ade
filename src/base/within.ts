/** The promise's result, or undefined when it takes longer than `ms` milliseconds. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
