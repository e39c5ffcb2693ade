/**
 * Something that the person at the keyboard can mend: a missing file, a wrong key, a port in use.
 * The command line prints `message` as its one line and exits with `status`.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
