import { describeMessage } from '../message.ts';
import { Access } from '../sink.ts';
import { actorOf, blockOf, EventKind, kindOf, slotOf, wantedOf } from './event.ts';
import type { World } from './world.ts';

const kindNames = Object.keys(EventKind);

/** One line about an event that is about to be applied. */
export function describeEvent(world: World, event: number): string {
  const kind = kindOf(event);
  const actor = actorOf(event);
  const block = blockOf(event);
  const name = kindNames[kind]!;
  const writes = wantedOf(event) === Access.Write;
  switch (kind) {
    case EventKind.Reset:
      return name;
    case EventKind.MapChange:
      return `${name}: all blocks are ${world.maps.mapped ? 'unmapped' : 'mapped anew'}`;
    case EventKind.MapLearn:
    case EventKind.MapLearnt:
      return `${name} on node ${actor}`;
    case EventKind.Split:
    case EventKind.Merge:
      return `${name} by node ${actor}: block ${block} at granule ${slotOf(event)}`;
    case EventKind.HandshakeDone:
    case EventKind.PinExpired:
    case EventKind.ResidencyOver:
      return `${name} on node ${actor}, block ${block}`;
    case EventKind.Push:
      return `${name} by node ${actor}: block ${block} to node ${slotOf(event)}${writes ? ' for writing' : ''}`;
    case EventKind.Deliver: {
      const { nodes } = world.options;
      const { message } = world.streams[actor]![0]!;
      return `${name} ${Math.floor(actor / nodes)} -> ${actor % nodes}: ${describeMessage(message)}`;
    }
    case EventKind.Start:
      return `${name} ${writes ? 'store' : 'load'} of block ${block}, slot ${slotOf(event)}: ${world.threads[actor]!.name}`;
    case EventKind.StartLoadExclusive:
    case EventKind.StartStoreExclusive:
      return `${name} of block ${block}, slot ${slotOf(event)}: ${world.threads[actor]!.name}`;
    case EventKind.Consumed:
      return `${name}: block ${block} by ${world.threads[actor]!.name}`;
    default:
      return `${name}: ${world.threads[actor]!.name}`;
  }
}
