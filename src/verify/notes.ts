import { withoutExpiry } from '../routes/api/v3/oauth2/refresh_tokens/body.js'
import type { RowRead, RowsRead } from '../upstream/read-rows.js'
import type { Run } from './verify.js'

/** What was not sent or not compared, and why, and what changed meanwhile. */
export function notesOf(
  { proxyHeaders }: Run,
  before: RowsRead,
  after: RowsRead,
  allowDelete: number | undefined,
): string[] {
  const changed = changesBetween(before.rows, after.rows, allowDelete)
  return [
    ...(proxyHeaders.length === 0
      ? []
      : [`not compared: ${proxyHeaders.join(', ')}, of a proxy before the target; not sent: other hosts`]),
    ...(allowDelete === undefined ? ['not sent: DELETE, which --allow-delete PK allows for one row'] : []),
    ...(changed > 0
      ? [`${changed} rows of the target came, went or changed meanwhile: what differs may come from that; verify again`]
      : []),
  ]
}

function changesBetween(before: RowRead[], after: RowRead[], allowDelete: number | undefined): number {
  const texts = (rows: RowRead[]) => new Map(rows.map(({ body, text }) => [body.pk, withoutExpiry(text)]))
  const [a, b] = [texts(before), texts(after)]
  const pks = new Set([...a.keys(), ...b.keys()])
  return [...pks].filter((pk) => pk !== allowDelete && a.get(pk) !== b.get(pk)).length
}
