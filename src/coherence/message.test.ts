import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '../base/assert.ts';
import {
  blankMessage,
  decodeMessage,
  describeMessage,
  encodeMessage,
  type Message,
  MessageFlag,
  MessageType,
  messageBytes,
} from './message.ts';

test('every type travels through sixteen bytes unchanged, with the largest fields', () => {
  const view = new DataView(new ArrayBuffer(messageBytes * 2));
  for (const type of Object.values(MessageType)) {
    const flags = MessageFlag.HasData | MessageFlag.Exclusive;
    const message: Message = {
      type,
      block: 0xffff_ffff,
      granule: 63,
      level: 3,
      requester: 0xffff,
      acks: 0xfffe,
      flags,
      stride: -64,
      window: 256,
    };
    encodeMessage(message, view, messageBytes);
    const back = blankMessage();
    decodeMessage(view, messageBytes, back);
    assert.deepEqual(back, message);
  }
});

test('the header is little-endian as documented', () => {
  const bytes = new Uint8Array(messageBytes).fill(0xee);
  encodeMessage(
    {
      type: MessageType.Data,
      block: 0x01020304,
      granule: 9,
      level: 2,
      requester: 0x0506,
      acks: 7,
      flags: MessageFlag.Zero,
      stride: 0,
      window: 0,
    },
    new DataView(bytes.buffer),
    0,
  );
  assert.deepEqual([...bytes], [MessageType.Data, 2, 6, 5, 4, 3, 2, 1, 7, 0, 9, 2, 0, 0, 0, 0]);
});

test('an unknown type is refused', () => {
  const view = new DataView(new ArrayBuffer(messageBytes));
  for (const type of [0, MessageType.Restore + 1, 255]) {
    view.setUint8(0, type);
    assert.throws(() => decodeMessage(view, 0, blankMessage()), AssertionFailure);
  }
});

test('traces name type, block, requester and flags', () => {
  const message = {
    type: MessageType.Data,
    block: 5,
    granule: 0,
    level: 0,
    requester: 2,
    acks: 1,
    flags: MessageFlag.HasData,
    stride: 0,
    window: 0,
  };
  assert.equal(describeMessage(message), 'Data block 5 for 2, 1 acks, HasData');
  assert.equal(describeMessage({ ...message, granule: 17, level: 2 }), 'Data block 5 part 2:17 for 2, 1 acks, HasData');
});
