/** Readers of option values; commander reports what they throw as one line. */
import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { UserError } from '../base/user-error.ts';
import { parseEndpoint } from '../transport/endpoint.ts';

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** One endpoint, checked, as text. */
export function endpoint(text: string): string {
  try {
    parseEndpoint(text);
    return text;
  } catch (error) {
    if (error instanceof UserError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** Endpoints with commas between them, each one once. */
export function endpoints(text: string): string[] {
  const items = text.split(',').map(endpoint);
  const twice = items.find((item, index) => items.indexOf(item) !== index);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`);
  return items;
}

/** A folder that is there. */
export function folder(path: string): string {
  try {
    if (statSync(path).isDirectory()) return path;
  } catch {
    // What the host has against it does not matter.
  }
  throw new InvalidArgumentError('There is no such folder.');
}
