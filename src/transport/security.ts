import { UserError } from '../base/user-error.ts';
import type { Endpoint } from './endpoint.ts';

/** How two nodes know each other. Encrypted by a shared key unless plaintext is asked for in so many words. */
export type Security = { readonly kind: 'tls-psk'; readonly key: Uint8Array } | { readonly kind: 'plaintext' };

/** The key to use towards `endpoint`: none in plaintext and on unix sockets, which file permissions protect. */
export function keyFor(endpoint: Endpoint, security: Security): Uint8Array | undefined {
  return endpoint.kind === 'unix' || security.kind === 'plaintext' ? undefined : security.key;
}

/** A node that can't be reached now; dialling again may succeed. */
export class UnreachableError extends UserError {
  override name = 'UnreachableError';
}
