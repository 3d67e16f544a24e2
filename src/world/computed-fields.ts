import { createHash } from 'node:crypto'
import { memoize } from './memoize.js'
import type { Lookup } from './table.js'

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const MAX_ANCESTORS = 20

const MAX_UIDS = 10_000
const hashed = memoize(MAX_UIDS, (text: string) => createHash('sha256').update(text).digest('hex'))

/** `user.uid`: what `sub` holds by default. */
export function uidOf(userPk: number, installId: string): string {
  return hashed(`${userPk}-${installId}`)
}

/** `group.num_pk`: the first five digits of the UUID read as one decimal number. */
export function numPkOf(groupPk: string): number {
  return Number(
    BigInt(`0x${groupPk.replaceAll('-', '')}`)
      .toString()
      .slice(0, 5),
  )
}

/** Of a user, what memberships are computed from. */
interface Member {
  groups: Iterable<string>
  is_superuser?: boolean | undefined
}

/** Of a group, the same. */
interface Membership {
  parents: Iterable<string>
  is_superuser: boolean
}

/** Member of a superuser group or of a descendant of one. */
export function isSuperuser(user: Member, groups: Lookup<string, Membership>): boolean {
  return user.is_superuser ?? isInSome(user, groups, makesSuperuser)
}

const makesSuperuser = (group: Membership) => group.is_superuser

/** Whether one of a user's groups, or of those above them, is such. A parent that the world does not know ends the climb. */
export function isInSome<G extends Pick<Membership, 'parents'>>(
  user: Pick<Member, 'groups'>,
  groups: Lookup<string, G>,
  isSuch: (group: G) => boolean,
): boolean {
  let level: Iterable<string> = user.groups
  for (let depth = 0; depth <= MAX_ANCESTORS; depth++) {
    for (const pk of level) {
      const group = groups.get(pk)
      if (group !== undefined && isSuch(group)) return true
    }
    const above = new Set<string>()
    for (const pk of level) for (const parent of groups.get(pk)?.parents ?? []) above.add(parent)
    if (above.size === 0) return false
    level = above
  }
  return false
}

/** The picture with initials that authentik draws for a user without another one. */
export function avatarOf(name: string, username: string): string {
  const shown = name.trim() || username.trim() || 'a k'
  const number = BigInt(`0x${createHash('md5').update(shown.toLowerCase()).digest('hex')}`)
  const color = Number(number % 0xffffffn)
  const [r = 0, g = 0, b = 0] = [color >> 16, (color >> 8) & 255, color & 255].map((c) =>
    Math.min(200, Math.max(55, c)),
  )
  const background = [r, g, b].map((c) => c.toString(16).padStart(2, '0')).join('')
  const text = 0.299 * r + 0.587 * g + 0.114 * b > 186 ? '000' : 'fff'
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="64px" height="64px" viewBox="0 0 64 64" version="1.1">' +
    `<rect fill="#${background}" cx="32" cy="32" width="64" height="64" r="32"/>` +
    `<text x="50%" y="50%" style="color: #${text}; line-height: 1; ` +
    `font-family: 'RedHatText','Overpass',overpass,helvetica,arial,sans-serif; " fill="#${text}" ` +
    'alignment-baseline="middle" dominant-baseline="middle" text-anchor="middle" font-size="28" font-weight="400" ' +
    `dy=".1em">${escapeText(initials(shown))}</text></svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}

function initials(shown: string): string {
  const words = shown.split(/\s+/u)
  const points =
    words.length === 1 ? [...shown].slice(0, 2) : [words.at(0), words.at(-1)].map((word) => [...(word ?? '')][0])
  return points.join('').toUpperCase()
}

function escapeText(text: string): string {
  return [...text]
    .map((point) => ENTITIES[point] ?? ((point.codePointAt(0) ?? 0) > 127 ? `&#${point.codePointAt(0)};` : point))
    .join('')
}
