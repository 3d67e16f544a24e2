import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { invalidFields, notServed } from '../errors.js'
import { readJson } from '../json-body.js'
import { requirePermission } from '../permissions.js'
import type { Resource, Row, Update } from '../resource.js'
import { notAnObject } from '../written-fields.js'
import { findFiltered, readIncluded, rowBody } from './row.js'

const WHOLE = 'non_field_errors'

/** PATCH of one row: what was sent changes, and what follows from it. */
export async function updateRow(ctx: RequestContext, resource: Resource, update: Update): Promise<Answer> {
  // The body comes first, so that nothing happens between judgement and change.
  const sent = await readJson(ctx)
  const found = findFiltered(ctx, resource)
  if (found.refused !== undefined) return found.refused
  const denied = requirePermission(ctx, `change_${resource.model.permission}`)
  if (denied !== undefined) return denied
  if ('refused' in sent) return sent.refused
  const read = readFields(ctx, update, sent.value)
  if ('refused' in read) return read.refused
  const refusal = update.refuse?.(found.row as never)
  if (refusal !== undefined) return invalidFields({ [WHOLE]: [refusal] })
  ctx.apply(update.changes(found.row as never, read.fields, ctx))
  return { status: 200, body: rowBody(ctx, resource, found.key, readIncluded(ctx, resource)) }
}

/** What authentik does not know, and what nobody may write, counts for nothing. */
function readFields(ctx: RequestContext, update: Update, value: unknown): { fields: Row } | { refused: Answer } {
  const mistake = notAnObject(value)
  if (mistake !== undefined) return { refused: invalidFields({ [WHOLE]: [mistake] }) }
  const given = value as Row
  const writable = update.writable(ctx.release)
  const served = Object.entries(update.fields).filter(([name]) => writable.includes(name))
  const names = served.map(([name]) => name)
  const unserved = writable.find((name) => !names.includes(name) && Object.hasOwn(given, name))
  if (unserved !== undefined)
    return { refused: notServed(ctx, `a change of ${unserved}; what can be changed is ${listed(names)}`) }
  const read = served.flatMap(([name, readField]) =>
    Object.hasOwn(given, name) ? [{ name, ...readField(given[name], ctx) }] : [],
  )
  const wrong = read.flatMap((field) => ('wrong' in field ? [[field.name, [field.wrong]]] : []))
  if (wrong.length > 0) return { refused: invalidFields(Object.fromEntries(wrong)) }
  return { fields: Object.fromEntries(read.flatMap((field) => ('value' in field ? [[field.name, field.value]] : []))) }
}

function listed(names: string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ')
}
