import type { ServerResponse } from 'node:http'
import type { Answer } from '../../authentik/answer.js'
import type { RequestContext } from '../../authentik/context.js'
import { isSecretName } from '../../server/masking/secret-names.js'
import type { Masks } from '../../server/masking.js'
import { headSent } from '../../server/send.js'
import { memoizeAll } from '../../world/memoize.js'
import type { JournalDetail } from '../bodies.js'
import { MAX_TEXT, truncate } from './truncate.js'

/** What went over the wire, as far as the journal keeps it: as it was, secrets included, until somebody reads it. */
export interface Exchange {
  /** As much as is kept of the request target; undefined: it is path and query, as they stand. */
  target: string | undefined
  version: string
  /** Names and values of the request's headers in turn. */
  fields: readonly string[]
  /** Undefined: there was no answer, or another server gave it. */
  reply: Reply | undefined
  /** About what it takes in memory. */
  bytes: number
}

export interface Reply {
  /** Status line and headers. */
  head: string
  /** Undefined: it was too large to be held at once. */
  body: Buffer | undefined
  isCut: boolean
}

export function exchangeOf({ request, target, path, queryText }: RequestContext, reply: Reply | undefined): Exchange {
  // Whatever stands before a path, or is escaped in it, makes the target longer.
  const isPlain = target.length === path.length + (queryText === '' ? 0 : queryText.length + 1)
  const kept = isPlain ? undefined : target.length > MAX_TEXT ? truncate(target, MAX_TEXT) : target
  const { fields, length } = keptOf(request.rawHeaders)
  const answered = reply === undefined ? 0 : reply.head.length + (reply.body?.length ?? 0)
  return { target: kept, version: request.httpVersion, fields, reply, bytes: (kept?.length ?? 0) + length + answered }
}

/** What is kept of an answer that was just sent. */
export function replyOf(response: ServerResponse, { body, parts }: Answer): Reply {
  const plain = parts === undefined && response.req.method !== 'HEAD' ? (body?.plain ?? NOTHING) : NOTHING
  const isCut = plain.length > MAX_TEXT
  const head = headSent(response)
  return {
    head: head.length > MAX_TEXT ? truncate(head, MAX_TEXT) : head,
    body: parts === undefined ? (isCut ? bodyBeginning(plain) : plain) : undefined,
    isCut,
  }
}

const NOTHING = Buffer.alloc(0)

/** A copy, made once where the same list is sent again and again. */
const bodyBeginning = memoizeAll((plain: Buffer) => Buffer.from(plain.subarray(0, MAX_TEXT)), new WeakMap())

/** As it reads, without secrets. */
export function readExchange(
  { target, version, fields, reply }: Exchange,
  { method, path, query }: Pick<JournalDetail, 'method' | 'path' | 'query'>,
  masks: Masks,
): Pick<JournalDetail, 'head' | 'answer'> {
  const lines = [`${method} ${target ?? path + query} HTTP/${version}`]
  for (let i = 0; i < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`)
  return {
    head: readHead(lines, masks),
    answer: reply === undefined ? null : { head: readHead(reply.head.trimEnd().split('\r\n'), masks), ...read(reply) },
  }

  function read({ body, isCut }: Reply) {
    return { body: body === undefined ? null : masks.mask(body.toString('utf8'), isCut), whole: !isCut }
  }
}

const HEADER = /^([\w-]+): ((?:(?:basic|bearer|digest|dpop|negotiate) )?)/i
/** It sounds like a secret and is none. */
const REQUEST_ID = /^x-authentik-id: [\da-f]{1,32}$/i

/** Of a header that is a secret by its name, only the name and the scheme of a credential are told. */
function readHead(lines: string[], masks: Masks): string {
  return lines
    .map((line) => {
      if (REQUEST_ID.test(line)) return line
      const [, name, scheme] = HEADER.exec(line) ?? []
      if (name !== undefined && isSecretName(name)) return `${name}: ${scheme}…`
      return masks.mask(line, line.length >= MAX_TEXT)
    })
    .join('\n')
}

interface Kept {
  fields: readonly string[]
  length: number
}

let last: { sent: readonly string[]; kept: Kept } = { sent: [], kept: { fields: [], length: 0 } }

/** Clients send the same headers with each of their requests: they are kept once, and cost the collector of memory less. */
function keptOf(sent: readonly string[]): Kept {
  if (!isSame(sent, last.sent)) last = { sent, kept: beginningOf(sent) }
  return last.kept
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false
  return true
}

/** What is kept of headers, which may be a megabyte, and how long that is. */
function beginningOf(fields: readonly string[]): Kept {
  let length = 0
  for (const field of fields) length += field.length
  if (length <= MAX_TEXT) return { fields, length }
  const kept: string[] = []
  let room = MAX_TEXT
  for (const field of fields) {
    const part = field.length > room ? truncate(field, room) : field
    kept.push(part)
    room -= part.length
    if (room <= 0) break
  }
  return { fields: kept.length % 2 === 0 ? kept : kept.slice(0, -1), length: MAX_TEXT }
}
