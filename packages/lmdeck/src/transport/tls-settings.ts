import type { ConnectionOptions, SecureContext } from 'node:tls';
import { LmdeckError } from '../core/index.ts';
import type { TlsOptions } from './http.ts';

/** Whom TLS trusts: shared by all connections with the same `TlsOptions`. */
export interface TlsTrust {
  readonly verify: boolean;
  readonly context: () => SecureContext;
}

/** @throws LmdeckError `config` when `ca` is no certificate. */
export function tlsTrust({ ca, verify = true }: TlsOptions = {}): TlsTrust {
  const { createSecureContext, getCACertificates } = process.getBuiltinModule('node:tls');
  if (ca === undefined) {
    let context: SecureContext | undefined;
    return { verify, context: () => (context ??= createSecureContext()) };
  }
  try {
    // Node passes over text that is no certificate, and every server would then look untrusted.
    void new (process.getBuiltinModule('node:crypto').X509Certificate)(ca);
    const context = createSecureContext({ ca: [...getCACertificates('default'), ca] });
    return { verify, context: () => context };
  } catch (error) {
    throw new LmdeckError(
      'config',
      'tls.ca is not the PEM text of a certificate (-----BEGIN CERTIFICATE-----…); a file name will not do.',
      { cause: error },
    );
  }
}

/** TLS towards one server. Remembers the last session, which makes the next handshake cheap. */
export class TlsClient {
  readonly #trust: TlsTrust;
  readonly #servername: string | undefined;
  #session: Buffer | undefined;

  constructor(host: string, trust: TlsTrust) {
    this.#trust = trust;
    // TLS names hosts, never addresses.
    this.#servername = /^[\d.]+$|:/.test(host) ? undefined : host;
  }

  options(): ConnectionOptions {
    const settings: ConnectionOptions = {
      rejectUnauthorized: this.#trust.verify,
      secureContext: this.#trust.context(),
      ALPNProtocols: ['http/1.1'],
    };
    if (this.#servername !== undefined) settings.servername = this.#servername;
    if (this.#session !== undefined) settings.session = this.#session;
    return settings;
  }

  readonly remember = (session: Buffer): void => {
    this.#session = session;
  };

  /** A session that the server does not like must not fail the next handshake too. */
  forget(): void {
    this.#session = undefined;
  }
}
