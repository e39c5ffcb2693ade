/**
 * The introduction: the dialler says hello, the listener answers welcome or refuses with a reason, so that both sides
 * can tell their user what does not fit. The protocol version travels in the header's words, where every later version
 * will find it too; the rest is JSON.
 */
import { randomBytes } from 'node:crypto';
import { assert } from '../base/assert.ts';
import type { Brand, NodeId } from '../base/types.ts';
import { type Frame, introductionBytesMax } from './frame.ts';

/** Raised with every change of frames or messages between nodes; nodes of different versions refuse each other. */
export const protocolVersion = 2;

/** First word of hello, welcome and refuse: "ARMD". */
export const helloMagic = 0x444d5241;

/** A cluster's random 128-bit name, 32 hexadecimal digits. */
export type ClusterId = Brand<string, 'ClusterId'>;

/** What a node is in its cluster. */
export type Role = 'master' | 'node' | 'observer';
const roles: readonly string[] = ['master', 'node', 'observer'] satisfies readonly Role[];

/** The number of a node that wants to be given one. */
export const unassignedNode = -1 as NodeId;

/** Node numbers stay below this. */
export const nodeLimit = 1 << 16;

/** What one side says of itself. */
export interface Hello {
  readonly node: NodeId;
  /** Undefined when the dialler will join whatever cluster answers. */
  readonly cluster: ClusterId | undefined;
  readonly role: Role;
  /** For the layer above (cores, listening address ...), which the transport does not read. */
  readonly info: string;
}

/** The listener's answer: its own hello, and the number of the dialler. */
export interface Welcome extends Hello {
  readonly assigned: NodeId;
}

/** A new cluster's id. */
export function newClusterId(): ClusterId {
  return randomBytes(16).toString('hex') as ClusterId;
}

/**
 * The payload of a hello or welcome frame.
 * @throws AssertionFailure when `info` makes it longer than 8 KiB.
 */
export function encodeHello(hello: Hello | Welcome): Uint8Array {
  const encoded = Buffer.from(JSON.stringify(hello), 'utf8');
  assert(encoded.length <= introductionBytesMax, `an introduction of ${encoded.length} bytes is too long`);
  return encoded;
}

/** @returns the hello (or welcome, which has `assigned`) in a frame, or why it is none, in words for both sides. */
export function decodeHello(frame: Frame): (Hello & Partial<Welcome>) | string {
  if (frame.w0 !== helloMagic) return 'not an Armada node';
  if (frame.w1 !== protocolVersion)
    return `protocol versions ${protocolVersion} and ${frame.w1} do not fit; install the same Armada on both sides`;
  let value: Partial<Record<keyof Welcome, unknown>>;
  try {
    value = JSON.parse(Buffer.from(frame.payload).toString('utf8'));
  } catch {
    return 'a damaged introduction';
  }
  if (typeof value !== 'object' || value === null) return 'a damaged introduction';
  const { node, cluster, role, info, assigned } = value;
  const sound =
    isNodeNumber(node, unassignedNode) &&
    (cluster === undefined || (typeof cluster === 'string' && /^[0-9a-f]{32}$/.test(cluster))) &&
    typeof role === 'string' &&
    roles.includes(role) &&
    typeof info === 'string' &&
    (assigned === undefined || isNodeNumber(assigned, 0));
  if (!sound) return 'a damaged introduction';
  return {
    node: node as NodeId,
    cluster: cluster as ClusterId | undefined,
    role: role as Role,
    info,
    ...(assigned === undefined ? {} : { assigned: assigned as NodeId }),
  };
}

/** @returns why two clusters' members do not belong together, or undefined when they do. */
export function clusterMismatch(own: ClusterId | undefined, theirs: ClusterId | undefined): string | undefined {
  if (own === undefined || theirs === undefined || own === theirs) return undefined;
  return `clusters ${own.slice(0, 8)} and ${theirs.slice(0, 8)} are not the same`;
}

function isNodeNumber(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) < nodeLimit;
}
