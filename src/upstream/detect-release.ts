import { nearestRelease, RELEASES, type Release } from '../authentik/releases.js'
import { excerpt } from '../format/visible.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { readJson } from './read-json.js'
import { LIST } from './read-rows.js'
import type { Client } from './upstream-client.js'
import type { WireAnswer } from './wire.js'

/** Which release a target is, as far as one can tell from outside. */
export interface FoundRelease {
  release: Release
  /** By what it was found, in a sentence. */
  how: string
}

/** An id that no row has: they count up from 1. */
export const ABSENT = 2 ** 31 - 2

const MAX_VERSION = 40

/** What was seen of the target, each against what a release does. What was not seen fits every release. */
type Signs = Record<string, (release: Release) => boolean>

/**
 * Finds out the release of a target: by its own OpenAPI document, else by what differs between releases.
 *
 * @param list an answer to the list
 * @param row one of its rows, if there is one
 */
export async function findOutRelease(client: Client, list: WireAnswer, row?: RefreshTokenBody): Promise<FoundRelease> {
  const signs = await readSigns(client, list, row)
  const said = await versionOf(client)
  const named = said === undefined ? undefined : RELEASES.find(({ name }) => name === said)
  if (named !== undefined) return { release: named, how: 'by the version in its OpenAPI document' }
  const ranked = RELEASES.map((release) => ({ release, misses: missesOf(signs, release) }))
  const least = Math.min(...ranked.map(({ misses }) => misses.length))
  const best = ranked.filter(({ misses }) => misses.length === least)
  const alike = best.map(({ release }) => release)
  const near = said === undefined ? undefined : nearestRelease(said)
  const release =
    alike.find((candidate) => candidate === near) ??
    alike.find(({ evidence }) => evidence === 'recorded') ??
    (alike.at(-1) as Release)
  const about = said === undefined ? '' : `it says ${said}, which is not known; `
  const names = alike.length === 1 ? release.name : `${alike[0]?.name} to ${alike.at(-1)?.name}`
  if (least === 0) return { release, how: `${about}by what it answers, which fits ${names}` }
  return {
    release,
    how: `${about}no known release answers like it; ${names} is nearest, but for its ${best[0]?.misses.join(', ')}`,
  }
}

/** Undefined: it serves no such document, or one that does not say. */
async function versionOf(client: Client): Promise<string | undefined> {
  const { status, body } = await client.ask({ path: '/api/v3/schema/?format=json' })
  if (status !== 200) return undefined
  try {
    const { info } = readJson(body) as { info?: { version?: unknown } }
    return typeof info?.version === 'string' ? excerpt(info.version, MAX_VERSION) : undefined
  } catch {
    return undefined
  }
}

async function readSigns(client: Client, list: WireAnswer, row: RefreshTokenBody | undefined): Promise<Signs> {
  const ask = (path: string, headers: Record<string, string> = client.authorization) => client.ask({ path, headers })
  const missing = await ask(`${LIST}${ABSENT}/`)
  const emptyPage = await ask(`${LIST}?page=&page_size=1`)
  const otherScheme = await ask(LIST, { Authorization: 'Token x' })
  const metrics = await ask('/-/metrics/', {})
  const listKeys = Object.keys(JSON.parse(list.body))
  const vary = String(list.headers['vary'])
  return {
    ...(row === undefined ? {} : signsOfRow(row)),
    'keys of the list': (release) => isSame(listKeys, release.listKeys),
    'Content-Type': ({ jsonType }) => list.headers['content-type'] === jsonType,
    'text of a 404': ({ missingRow }) =>
      missing.body === JSON.stringify({ detail: missingRow.replace('{model}', 'RefreshToken') }),
    'empty page': (release) => (emptyPage.status === 200) === (release.emptyPage === 'first'),
    'other schemes': ({ otherSchemes }) => otherScheme.body.includes('Unsupported') === (otherSchemes === 'refused'),
    'metrics page': ({ metricsStatus }) => metrics.status === metricsStatus || metrics.status >= 500,
    Vary: ({ languages }) => vary.includes('Accept-Language') === languages,
  }
}

function signsOfRow({ provider, user }: RefreshTokenBody): Signs {
  const group: unknown = Array.isArray(user.groups_obj) ? user.groups_obj[0] : undefined
  return {
    'keys of a provider': (release) => isSame(Object.keys(provider), release.providerKeys),
    'keys of a user': (release) => isSame(Object.keys(user), release.userKeys),
    'keys of a group': (release) => group === undefined || isSame(Object.keys(Object(group)), release.groupKeys),
    'redirect URIs': ({ redirectUris }) =>
      provider.redirect_uris === undefined || Array.isArray(provider.redirect_uris) === (redirectUris === 'list'),
  }
}

function isSame(a: string[], b: string[]): boolean {
  return a.join() === b.join()
}

function missesOf(signs: Signs, release: Release): string[] {
  return Object.entries(signs).flatMap(([name, fits]) => (fits(release) ? [] : name))
}
