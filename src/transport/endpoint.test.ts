import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/user-error.ts';
import { parseEndpoint, printEndpoint } from './endpoint.ts';

test('endpoints print as they are read', () => {
  for (const text of ['127.0.0.1:7700', 'host.example:0', '[::1]:65535', '[fe80::1%eth0]:1', 'unix:/run/armada/n0'])
    assert.equal(printEndpoint(parseEndpoint(text)), text);
  assert.deepEqual(parseEndpoint('[::1]:80'), { kind: 'tcp', host: '::1', port: 80 });
});

test('what is not an endpoint says how to write one', () => {
  const complaints: [string, RegExp][] = [
    ['localhost', /write HOST:PORT/],
    ['::1:7700', /brackets/],
    [':7700', /host is missing/],
    ['[]:7700', /host is missing/],
    ['host:', /not a number/],
    ['host:70000', /0 to 65535/],
    ['host:7a', /not a number/],
    ['unix:relative', /absolute path/],
    [`unix:/${'x'.repeat(200)}`, /at most/],
  ];
  for (const [text, message] of complaints)
    assert.throws(
      () => parseEndpoint(text),
      (error: Error) => error instanceof UserError && message.test(error.message),
      text,
    );
});
