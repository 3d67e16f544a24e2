import type { Context, Embed, Given, Kind } from '../kinds/kind.js'
import { cell } from '../table.js'
import type { Key } from '../value.js'
import type { Collected } from './collect.js'
import type { Diagnostics, Draft } from './drafts.js'
import type { Existing } from './existing.js'
import { joinPath, quote } from './mistakes.js'

/** Describes the rows that are written inside others, such as the application of a provider. */
export function describeEmbedded(
  section: string,
  collected: Collected,
  existing: Existing,
  context: Omit<Context, 'refuse'>,
  { mistakes }: Diagnostics,
): void {
  const kind = collected.kinds[section] as Kind
  const { embeds } = kind
  if (embeds === undefined) return
  const target = collected.kinds[embeds.kind] as Kind
  const natural = target.natural as string
  const drafts = collected.drafts(embeds.kind)
  /** Whose a row is by now, by its natural key. */
  const owners = new Map<unknown, Key>()

  for (const draft of collected.drafts(section).all) {
    const key = draft.key as Key
    const given = givenIn(draft, key, embeds, context)
    if (given === undefined) continue
    const at = { ...draft.at, path: joinPath(draft.at.path, embeds.field) }
    const current = existing(embeds.kind).referring(embeds.back, key)[0]
    if (given === null) {
      if (current !== undefined)
        drafts.describe({ [target.key]: cell(current, target.key), [embeds.back]: null }, at, false)
      continue
    }
    const name = given[natural]
    const owner = owners.get(name) ?? ownerOf(name)
    if (owner !== undefined && owner !== key) {
      const found = `${quote(name)} of ${kind.word} ${quote(owner)}`
      mistakes.push({ ...at, path: joinPath(at.path, natural), found, allowed: `one that no other ${kind.word} has` })
      continue
    }
    owners.set(name, key)
    const isOther = existing(embeds.kind).find(natural, String(name)) !== undefined
    const same = current === undefined || isOther ? {} : { [target.key]: cell(current, target.key) }
    // The draft itself is the reference: its key may belong to a row that does not exist yet.
    drafts.describe({ ...same, ...given, [embeds.back]: draft }, at, false)
  }

  /** Whose an existing row is, unless that one gets another in the same change. */
  function ownerOf(name: unknown): Key | undefined {
    const row = existing((embeds as Embed).kind).find(natural, String(name))
    const owner = row === undefined ? undefined : (cell(row, (embeds as Embed).back) as Key | null)
    if (owner === null || owner === undefined) return undefined
    const moved = collected.drafts(section).all.find((draft) => draft.key === owner)?.seed[(embeds as Embed).field]
    return moved === undefined || (moved !== null && (moved as Given)[natural] === name) ? owner : undefined
  }
}

function givenIn(
  { seed, before }: Draft,
  key: Key,
  { field, fresh }: Embed,
  context: Omit<Context, 'refuse'>,
): Given | null | undefined {
  const given = seed[field] as Given | null | undefined
  return given === undefined && before === undefined ? fresh(seed, key, context) : given
}
