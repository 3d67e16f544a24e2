import type { Database } from '../world/database.js'
import type { Provider } from '../world/kinds/providers.js'
import { decodeBase64Text } from './base64.js'
import { Refusal } from './errors.js'
import { findClient } from './find.js'
import type { OAuth2Traits } from './traits.js'

/** What a client says of itself. */
export interface Credentials {
  id: string
  secret: string
}

const NONE: Credentials = { id: '', secret: '' }

/** From the Basic header where there is one, else from the form; never from the query. */
export function readCredentials(
  authorization: string | undefined,
  form: ReadonlyMap<string, string>,
  { basicCredentials }: OAuth2Traits,
): Credentials {
  const basic = /^Basic\s.+/.exec(authorization ?? '')?.[0].split(/\s+/)[1]
  if (basic === undefined) return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  const text = decodeBase64Text(basic)
  if (text === undefined) return NONE
  const colon = text.indexOf(':')
  const id = colon === -1 ? text : text.slice(0, colon)
  const secret = colon === -1 ? '' : text.slice(colon + 1)
  return basicCredentials === 'as they are' ? { id, secret } : { id: unquote(id), secret: unquote(secret) }
}

/** As Python's `unquote`: what is no percent-encoding stays, and so does a plus. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}

/** Why nobody is found by this client id. */
export function noClient(id: string): string {
  return id === '' ? 'no client id was sent, in a form or by Basic' : `there is no client ${JSON.stringify(id)}`
}

/** Whoever a client says that it is. */
export function requireClient(database: Database, { id }: Credentials): Provider {
  const client = findClient(database, id)
  if (client === undefined) throw new Refusal('invalid_client', noClient(id))
  return client
}

/** A confidential client that asks by code or refresh token must know its secret. */
export function requireSecret({ client, secret }: { client: Provider; secret: string }): void {
  if (!isClient(client, secret)) throw new Refusal('invalid_client', 'the client secret is wrong')
}

/** Whether somebody may say to be this client. */
export function isClient({ client_type, client_secret }: Provider, secret: string): boolean {
  return client_type === 'public' || client_secret === secret
}

/** The client that knows its secret, be it confidential or public. */
export function authenticate(database: Database, credentials: Credentials): Provider | undefined {
  if (credentials.id === '' && credentials.secret === '') return undefined
  const client = findClient(database, credentials.id)
  return client?.client_secret === credentials.secret ? client : undefined
}
