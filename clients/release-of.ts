import { readFile } from 'node:fs/promises'
import { RELEASES, type Release } from '../src/authentik/releases.js'
import keyOrder from '../test/contract/keyorder.json' with { type: 'json' }
import type { Language } from './languages.js'

/** The fields of the models that a body is made of. */
export type Models = Record<string, string[]>

/**
 * The release that a version of a client speaks for:
 *
 * 1. Its models must have the fields of a release's contract, no more and no fewer. `redirect_uris` was one text once:
 *    then there is no model RedirectURI.
 * 2. A plain version speaks for the release that it is named after.
 * 3. A version with a time stamp was made between two releases, from what became the next one: it speaks for the first
 *    minor after its own whose contract has these fields, else for its own minor; of that minor, the latest such patch.
 *
 * @throws Error where no release has these fields
 */
export function releaseOf(version: string, models: Models): Release {
  const alike = RELEASES.filter(({ contract }) => sameFields(models, contractModels(contract)))
  const { minor, patch, isStamped } = readVersion(version)
  const own = alike.filter(({ name }) => minorOf(name) === minor)
  const next = alike.find(({ name }) => rank(minorOf(name)) > rank(minor))
  const found = isStamped
    ? (alike.findLast(({ name }) => next !== undefined && minorOf(name) === minorOf(next.name)) ?? own.at(-1))
    : own.find(({ name }) => name === `${minor}.${patch}`)
  if (found === undefined)
    throw new Error(`the fields of its models are those of no release that ${version} can be for`)
  return found
}

/** Reads `2025.2.4`, `2025.2.4-1745325566`, `2025.2.4.post1745325589`, and `v3.2026050.3`, which is Go's 2026.5.3. */
function readVersion(version: string): { minor: string; patch: number; isStamped: boolean } {
  const go = /^v3\.(\d{4})(\d\d)0\.(\d+)$/.exec(version)
  if (go !== null) return { minor: `${go[1]}.${Number(go[2])}`, patch: Number(go[3]), isStamped: false }
  const [, minor, patch, stamp] = /^(\d{4}\.\d+)\.(\d+)(?:(?:-|\.post)(\d{10}))?$/.exec(version) ?? []
  if (minor === undefined) throw new Error(`${version} is no version of a client that can be read`)
  return { minor, patch: Number(patch), isStamped: stamp !== undefined }
}

function minorOf(name: string): string {
  return name.replace(/\.\d+$/, '')
}

function rank(minor: string): number {
  const [year = 0, month = 0] = minor.split('.').map(Number)
  return year * 12 + month
}

/** The models whose names differ between releases, under one name. */
const NAMES = {
  provider: ['OAuth2Provider', 'Provider'],
  user: ['User'],
  group: ['PartialGroup', 'UserGroup'],
  list: ['PaginatedTokenModelList'],
  redirectUri: ['RedirectURI'],
}

export function contractModels(contract: string): Models {
  const models = keyOrder[contract as keyof typeof keyOrder] as unknown as Record<string, { keys: string[] }>
  return modelsBy((names) => names.map((name) => models[name]?.keys).find((keys) => keys !== undefined) ?? [])
}

/** Reads the models of an installed client out of its source. */
export async function readModels(language: Language, folder: string, version: string): Promise<Models> {
  const read = async (name: string) => {
    const text = await readFile(await language.model(name, folder, version), 'utf8').catch(() => '')
    return { text, keys: [...new Set(Array.from(text.matchAll(language.field), ([, key = '']) => key))] }
  }
  const [token, user] = [await read('TokenModel'), await read('User')]
  const provider = await read(/\bOAuth2Provider\b/.test(token.text) ? 'OAuth2Provider' : 'Provider')
  const group = await read(/\bPartialGroup\b/.test(user.text) ? 'PartialGroup' : 'UserGroup')
  const list = await read('PaginatedTokenModelList')
  const hasUris = provider.keys.includes('redirect_uris') && /\bRedirectURI\b/i.test(provider.text)
  const redirectUri = hasUris ? await read('RedirectURI') : { keys: [] }
  return { provider: provider.keys, user: user.keys, group: group.keys, list: list.keys, redirectUri: redirectUri.keys }
}

function modelsBy(keysOf: (names: string[]) => string[]): Models {
  return Object.fromEntries(Object.entries(NAMES).map(([name, names]) => [name, keysOf(names)]))
}

function sameFields(some: Models, others: Models): boolean {
  return Object.keys(NAMES).every(
    (name) => String([...(some[name] ?? [])].sort()) === String([...(others[name] ?? [])].sort()),
  )
}
