import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../base/user-error.ts';
import { generateKey, readKeyFile, writeKeyFile } from './key-file.ts';

test('key files: written for the owner alone, read as hexadecimal or base64, refused with the reason', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'armada-key-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'key');
  const refuses = (message: RegExp): void =>
    assert.throws(
      () => readKeyFile(path),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  refuses(/does not exist/);

  const key = generateKey();
  writeKeyFile(path, key);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(Buffer.from(readKeyFile(path)), Buffer.from(key));
  assert.throws(() => writeKeyFile(path, key), /exists already/);

  writeFileSync(path, `${Buffer.from(key).toString('base64')}\n`);
  assert.deepEqual(Buffer.from(readKeyFile(path)), Buffer.from(key));
  writeFileSync(path, 'abcd\n');
  refuses(/holds 2 bytes; a key has at least 32/);
  writeFileSync(path, 'not a key!\n');
  refuses(/neither hexadecimal nor base64/);
  chmodSync(path, 0o644);
  refuses(/open to others \(mode 644\); run: chmod 600/);
});
