/**
 * TLS with a pre-shared key: node:tls's pskCallback. TLS 1.3 with an ephemeral key exchange (RFC 8446, 4.2.9,
 * psk_dhe_ke), so that a key that leaks later opens no recorded traffic. OpenSSL pairs an external key with SHA-256
 * suites alone; AES-GCM is the one that processors have instructions for.
 */
import { hkdfSync } from 'node:crypto';
import type { OnReadOpts, Socket } from 'node:net';
import * as tls from 'node:tls';

const protocol = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const;
const identity = 'armada';

/** The PSK that both sides derive: 32 bytes, whatever the length of the key file. */
function derivePsk(key: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'armada node-to-node psk v1', 32));
}

/** Connects with `key`; 'secureConnect' says that the peer has it too. */
export function connectTls(host: string, port: number, key: Uint8Array, onread: OnReadOpts): Socket {
  const psk = derivePsk(key);
  const options: tls.ConnectionOptions & { onread: OnReadOpts } = {
    ...protocol,
    host,
    port,
    onread,
    pskCallback: () => ({ psk, identity }),
    // There are no certificates: the key is what identifies the peer.
    checkServerIdentity: () => undefined,
  };
  return tls.connect(options);
}

/** A server whose 'secureConnection' event gives peers that have `key`; others end in 'tlsClientError'. */
export function createTlsServer(key: Uint8Array, handshakeTimeoutMs: number): tls.Server {
  const psk = derivePsk(key);
  return tls.createServer({
    ...protocol,
    handshakeTimeout: handshakeTimeoutMs,
    pskIdentityHint: identity,
    pskCallback: (_socket, name) => (name === identity ? psk : null),
  });
}

/** What a failed TLS handshake means to the user of the connecting side; undefined when `error` is not TLS's. */
export function explainDialFailure(node: string, error: NodeJS.ErrnoException): string | undefined {
  const code = error.code ?? '';
  if (/DECRYPT_ERROR|BAD_RECORD_MAC|UNKNOWN_PSK_IDENTITY|HANDSHAKE_FAILURE|ILLEGAL_PARAMETER/.test(code))
    return `node ${node} refused the key; start both sides with the same --key-file`;
  if (code.startsWith('ERR_SSL_')) return `node ${node} does not speak TLS as this side does (${code})`;
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return `node ${node} ended the TLS handshake; was it started with a key file too?`;
  return undefined;
}

/** What a failed handshake means in the log of the listening side. */
export function explainAcceptFailure(error: NodeJS.ErrnoException): string {
  const code = error.code ?? '';
  if (/BINDER_DOES_NOT_VERIFY|BAD_EXTENSION/.test(code)) return 'it has another key';
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_TOO_SMALL|UNKNOWN_PROTOCOL|PACKET_LENGTH/.test(code))
    return 'it does not speak TLS';
  if (/NO_SUITABLE_SIGNATURE_ALGORITHM|NO_SHARED_CIPHER|UNSUPPORTED_PROTOCOL/.test(code)) return 'it has no key';
  return code === '' ? error.message : code;
}
