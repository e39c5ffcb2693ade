/** EX_SOFTWARE of sysexits.h: a mistake of the emulator itself. */
const exitSoftware = 70;

/** Ends the process; with `error`, a mistake of the emulator that nobody has been told of yet. */
export function bug(error: unknown): never {
  process.stderr.write(`armada: internal error, please report it: ${(error as Error)?.stack ?? error}\n`);
  process.exit(exitSoftware);
}

/** Puts `handler` before the end by a mistake: it says whether somebody has heard of it. */
export function onBug(handler: (error: Error) => Promise<boolean>): void {
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', async (error) => {
    // The next one ends the process at once.
    process.on('uncaughtException', bug);
    if (await handler(error)) process.exit(exitSoftware);
    bug(error);
  });
}
