import { LmdeckError } from '../core/index.ts';
import { FramingError } from './framing-error.ts';

/** Untrusted or wrong certificates, as Node names them (OpenSSL's X509_V_ERR_*). */
const certificateCodes =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|INVALID_CA|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID)/;

/**
 * What Node reports about a connection as an `LmdeckError` that names the place, the cause and what to do about it.
 *
 * @param place `host:port` of the server, never with credentials.
 */
export function networkError(error: unknown, place: string): LmdeckError {
  if (LmdeckError.isInstance(error)) return error;
  if (error instanceof FramingError)
    return new LmdeckError(
      'invalid-response',
      `${place} answered something that is not HTTP/1.1: ${error.message}. Check the base URL's host and port.`,
      { cause: error },
    );
  const code = errorCode(error);
  const build = (text: string, retryable = true): LmdeckError =>
    new LmdeckError('network', text, { retryable, cause: error, ...(code === undefined ? {} : { data: { cause: code } }) });

  switch (code) {
    case 'ECONNREFUSED':
      return build(`connect ECONNREFUSED ${place}: nothing listens there. Is the server running, and is the base URL's port right?`);
    case 'ENOTFOUND':
      return build(`getaddrinfo ENOTFOUND ${place}: there is no host of this name. Check the base URL's spelling.`, false);
    case 'EAI_AGAIN':
      return build(`getaddrinfo EAI_AGAIN ${place}: the name service does not answer. Is this machine online?`);
    case 'ETIMEDOUT':
      return build(`connect ETIMEDOUT ${place}: the server does not answer. Check the network, the firewall and the proxy settings.`);
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return build(`connect ${code} ${place}: there is no route to the server. Check the network, the VPN and the proxy settings.`);
    case 'ECONNRESET':
    case 'EPIPE':
      return build(`${place} closed the connection before it answered (${code}). It may be overloaded or restarting; try again.`);
    case 'EMFILE':
    case 'ENFILE':
      return build(`${place}: too many open files or connections (${code}). Lower the concurrency or raise the limit (ulimit -n).`);
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return build(
        `${place}: the server's certificate is not valid at this time (${code}). Check this machine's clock, or renew it.`,
        false,
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return build(`${place}: the server's certificate is for another name (${code}): ${reason(error)}. Check the base URL's host.`, false);
    default:
  }
  if (code !== undefined && certificateCodes.test(code))
    return build(
      `${place}: the server's certificate is not trusted (${code}). Give its authority as tls.ca (PEM text), or switch the check off with tls.verify: false.`,
      false,
    );
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL_') === true)
    return build(`${place}: the TLS handshake failed (${code}). If the server speaks plain HTTP, its base URL begins with http://.`, false);
  return build(`${place}: ${reason(error)}`);
}

/** Why the body of an answer stopped short. */
export function bodyError(error: unknown, place: string): LmdeckError {
  if (LmdeckError.isInstance(error)) return error;
  if (error instanceof FramingError)
    return new LmdeckError('invalid-response', `${place}: the answer's body is not HTTP/1.1: ${error.message}.`, { cause: error });
  const code = errorCode(error);
  const options = { cause: error, ...(code === undefined ? {} : { data: { cause: code } }) };
  if (code !== undefined && /^(?:Z_(?!BUF_ERROR)|ERR__ERROR|ERR_BROTLI|ERR_ZSTD|ZSTD_)/.test(code))
    return new LmdeckError('invalid-response', `${place}: the answer's body cannot be decompressed (${code}): ${reason(error)}.`, options);
  return new LmdeckError(
    'incomplete-response',
    `${place}: the connection ended before the answer did (${code ?? reason(error)}). The server or a proxy cut it off; try again.`,
    options,
  );
}

/** `error.code`, also of the first of several failed attempts to connect. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}

/** What a connection means that ends without a word. */
export function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function reason(error: unknown): string {
  const text = error instanceof Error && error.message !== '' ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
