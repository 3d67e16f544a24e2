import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { TlsFiles } from '../server/tls.js'
import { readRegularFile } from '../world/load/regular-file.js'
import type { ServeOptions } from './options.js'
import { UsageError } from './usage-error.js'

/** The names that the services of authentik's compose file and chart have, and of deploy/, beside those of the machine itself. */
const NAMES = ['localhost', '127.0.0.1', '::1', 'authentik', 'authentik-mock', 'authentik-server', 'server']
const EVERY_ADDRESS = ['0.0.0.0', '::']

type TlsOptions = Pick<ServeOptions, 'host' | 'httpsHost' | 'httpsPort' | 'tlsCert' | 'tlsKey' | 'tlsName'>

/**
 * The certificate to serve https with: the one of the options, else one made now. Undefined: there is no https.
 *
 * @param spell how an option is called where it was given
 * @throws UsageError for files that cannot be read, or do not belong together
 */
export async function openCertificates(
  options: TlsOptions,
  spell = (flag: string) => `--${flag}`,
): Promise<TlsFiles | undefined> {
  const { httpsPort, tlsCert, tlsKey } = options
  if (httpsPort === undefined) {
    const given = tlsCert !== undefined ? 'tls-cert' : tlsKey !== undefined ? 'tls-key' : undefined
    if (given !== undefined) throw new UsageError(`${spell(given)}: allowed with ${spell('https-port')} only`)
    return undefined
  }
  if (tlsCert === undefined && tlsKey === undefined) {
    const { makeCertificate } = await import('../server/make-certificate.js')
    return makeCertificate(namesOf(options))
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] = tlsCert === undefined ? ['tls-key', 'tls-cert'] : ['tls-cert', 'tls-key']
    throw new UsageError(`${spell(given as string)}: found no ${spell(missing as string)}; allowed: both`)
  }
  return readFiles(tlsCert, tlsKey, spell)
}

function namesOf({ host, httpsHost = host, tlsName }: TlsOptions): string[] {
  const address = isIP(httpsHost) !== 0 && !EVERY_ADDRESS.includes(httpsHost) ? [httpsHost] : []
  return [...new Set([...NAMES, hostname(), ...address, ...tlsName])]
}

async function readFiles(certFile: string, keyFile: string, spell: (flag: string) => string): Promise<TlsFiles> {
  const { createSecureContext } = await import('node:tls')
  const cert = await readPem(certFile, spell('tls-cert'))
  const key = await readPem(keyFile, spell('tls-key'))
  attempt(() => new X509Certificate(cert), `${spell('tls-cert')}: found ${certFile}; allowed: certificates as PEM`)
  attempt(
    () => createSecureContext({ key }),
    `${spell('tls-key')}: found ${keyFile}; allowed: a private key as PEM, without a password`,
  )
  attempt(
    () => createSecureContext({ cert, key }),
    `${spell('tls-key')}: found ${keyFile}, which is not the key of ${certFile}; allowed: the key of its first certificate`,
  )
  return { cert, key, ca: cert }
}

async function readPem(file: string, option: string): Promise<string> {
  try {
    return (await readRegularFile(file, MAX_PEM_BYTES)).toString()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === undefined ? `it is ${message}` : (REASONS[code] ?? message)
    throw new UsageError(`${option}: found ${file}: ${reason}; allowed: a file that can be read`)
  }
}

/** Chains have a few thousand. */
const MAX_PEM_BYTES = 1024 * 1024

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  ELOOP: 'it is a symbolic link that leads to itself',
  EACCES: 'it may not be read',
}

function attempt(act: () => unknown, message: string): void {
  try {
    act()
  } catch {
    throw new UsageError(message)
  }
}
