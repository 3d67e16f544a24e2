import { createHash, randomBytes, webcrypto } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import * as asn1 from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from 'pkijs'
import type { TlsFiles } from './tls.js'

/** Certificates for a mock that nobody gave one: an authority of its own, and a server that it vouches for. */

const DAY_MS = 86_400_000
const DAYS = 825
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }
const HASH = 'SHA-256'
const DNS_NAME = 2
const IP_ADDRESS = 7
const engine = new CryptoEngine({ name: 'node', crypto: webcrypto, subtle: webcrypto.subtle })

/** What X.509 calls the things that stand in a certificate. */
const OID = {
  commonName: '2.5.4.3',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
}
/** The bits of `keyUsage`, the first one being the highest. */
const SIGNS = 0b1000_0000
const VOUCHES = 0b0000_0110

/** @param names of hosts, and addresses, that the server is reached under */
export async function makeCertificate(names: string[]): Promise<TlsFiles> {
  const [authorityKeys, serverKeys] = await Promise.all([makeKeys(), makeKeys()])
  const authority = await begin(`authentik-mock ${randomBytes(4).toString('hex')}`, authorityKeys)
  authority.extensions = [
    extension(OID.basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(), true),
    extension(OID.keyUsage, keyUsage(VOUCHES, 1), true),
    extension(OID.subjectKey, keyIdentifier(authority), false),
  ]
  await authority.sign(authorityKeys.privateKey, HASH, engine)

  const server = await begin(names[0] ?? 'localhost', serverKeys)
  server.issuer = authority.subject
  server.extensions = [
    extension(OID.basicConstraints, new BasicConstraints({ cA: false }).toSchema(), true),
    extension(OID.keyUsage, keyUsage(SIGNS, 7), true),
    // Strict clients want to see whose key it was signed with.
    extension(
      OID.authorityKey,
      new AuthorityKeyIdentifier({ keyIdentifier: keyIdentifier(authority) }).toSchema(),
      false,
    ),
    extension(OID.extendedKeyUsage, new ExtKeyUsage({ keyPurposes: [OID.serverAuth] }).toSchema(), false),
    extension(OID.alternativeNames, new GeneralNames({ names: names.map(generalName) }).toSchema(), false),
  ]
  await server.sign(authorityKeys.privateKey, HASH, engine)
  const key = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey)
  const ca = pem('CERTIFICATE', authority.toSchema(true).toBER())
  return { ca, cert: pem('CERTIFICATE', server.toSchema(true).toBER()) + ca, key: pem('PRIVATE KEY', key) }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function begin(name: string, { publicKey }: webcrypto.CryptoKeyPair): Promise<Certificate> {
  const certificate = new Certificate()
  certificate.version = 2
  // Positive, whatever its first byte is.
  certificate.serialNumber = new asn1.Integer({ valueHex: Buffer.concat([Buffer.of(1), randomBytes(15)]) })
  const commonName = new AttributeTypeAndValue({ type: OID.commonName, value: new asn1.Utf8String({ value: name }) })
  certificate.subject.typesAndValues.push(commonName)
  certificate.issuer.typesAndValues.push(commonName)
  // A clock of a client may be behind.
  certificate.notBefore.value = new Date(Date.now() - DAY_MS)
  certificate.notAfter.value = new Date(Date.now() + DAYS * DAY_MS)
  await certificate.subjectPublicKeyInfo.importKey(publicKey, engine)
  return certificate
}

function extension(extnID: string, value: asn1.BaseBlock, critical: boolean): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER() })
}

function keyIdentifier({ subjectPublicKeyInfo }: Certificate): asn1.OctetString {
  const bits = new Uint8Array(subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView)
  return new asn1.OctetString({ valueHex: createHash('sha256').update(bits).digest().subarray(0, 20) })
}

function keyUsage(bits: number, unusedBits: number): asn1.BitString {
  return new asn1.BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits })
}

function generalName(name: string): GeneralName {
  if (isIP(name) === 0) return new GeneralName({ type: DNS_NAME, value: name })
  return new GeneralName({ type: IP_ADDRESS, value: new asn1.OctetString({ valueHex: addressBytes(name) }) })
}

function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number))
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string) => text.split(':').filter(Boolean)
  const [first, last] = [groups(head), groups(tail ?? '')]
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]))
}

function pem(label: string, bytes: ArrayBuffer): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?!$)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
