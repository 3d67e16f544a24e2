import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RowHistory } from '../../issue-bodies.js'
import type { ApiList, Look } from '../../look-bodies.js'
import { act, call, changes, complain, info } from './api.js'
import { Life } from './life.js'
import { go, hrefOf } from './place.js'
import { clientOf, lookAt, type RowData, seenAs } from './row-pages.js'
import { stateOf } from './row-state.js'
import { Badge, Do, OpenedTitle, readable, Script } from './ui.js'

/** One row: its life, as it is served, and as fixtures have it. */

const REVOCABLE = ['refresh_tokens', 'access_tokens']
const HAVE_HISTORY = ['refresh_tokens', 'access_tokens', 'authorization_codes']

interface Opened {
  section: string
  id: string
  /** In the grammar of fixtures; undefined: it is gone. */
  data: RowData | undefined
  served: Look | undefined
  history: RowHistory | undefined
}

const opened = signal<Opened | undefined>(undefined)
/** What is being written; undefined: nothing. */
const edited = signal<string | undefined>(undefined)

interface RowProps {
  section: string
  id: string
  list: ApiList | undefined
}

export function OpenRow({ section, id, list }: RowProps) {
  useEffect(() => {
    edited.value = undefined
  }, [section, id])
  useEffect(() => void load({ section, id, list }), [section, id, list, seenAs.value, changes.value])
  const { value } = opened
  const isRead = value?.section === section && value.id === id
  return (
    <section class="detail card" aria-label={`${section} ${id}`}>
      <div class="title">
        <OpenedTitle id={`${section} ${id}`}>
          {section} {id}
        </OpenedTitle>
        <State data={isRead ? value.data : undefined} />
        <a href={hrefOf('rows', section)}>Close</a>
      </div>
      {isRead && <Shown opened={value} list={list} />}
    </section>
  )
}

function State({ data }: { data: RowData | undefined }) {
  const state = data && stateOf(data)
  return state === undefined ? null : <Badge tone={state.tone}>{state.text}</Badge>
}

let latest = 0

async function load({ section, id, list }: RowProps): Promise<void> {
  const number = ++latest
  try {
    const data = await find({ section, id, list })
    const key = data?.['pk'] ?? id
    const [served, history] = await Promise.all([
      list && data && call<Look>('GET', lookAt(`${list.path}${encodeURIComponent(String(data[list.lookup]))}/`).path),
      HAVE_HISTORY.includes(section)
        ? call<RowHistory>('GET', `${section}/${encodeURIComponent(String(key))}/history`).catch(() => undefined)
        : undefined,
    ])
    // An answer may come after that of a later question.
    if (number === latest) opened.value = { section, id, data, served, history }
  } catch (error) {
    complain(error)
  }
}

/** The API may name a row by another field than the control API does. */
async function find({ section, id, list }: RowProps): Promise<RowData | undefined> {
  const direct = await call<RowData>('GET', `${section}/${encodeURIComponent(id)}`).catch(() => undefined)
  if (direct !== undefined || list === undefined || list.lookup === 'pk') return direct
  const query = new URLSearchParams({ [list.lookup]: id })
  const { rows } = await call<{ rows: RowData[] }>('GET', `${section}?${query}`)
  return rows[0]
}

function Shown({ opened: { section, data, served, history }, list }: { opened: Opened; list: ApiList | undefined }) {
  return (
    <>
      {(history !== undefined || (data !== undefined && 'expires' in data)) && (
        <Life data={data} events={history?.events ?? []} />
      )}
      {data === undefined ? <p>There is no such row, or not any more.</p> : <Actions section={section} data={data} />}
      {data !== undefined && served !== undefined && list !== undefined && (
        <Served served={served} path={`${list.path}${encodeURIComponent(String(data[list.lookup]))}/`} />
      )}
      {data !== undefined && <Editor section={section} data={data} />}
    </>
  )
}

/** How the control API names a row. */
function keyOf(data: RowData): { path: string; code: string } {
  const key = data['pk'] ?? data['name']
  return { path: encodeURIComponent(String(key)), code: JSON.stringify(key) }
}

function changeOf(section: string, data: RowData, body: RowData) {
  const { path, code } = keyOf(data)
  const library = `await ${clientOf(section)}.change(${code}, ${JSON.stringify(body)})`
  return { method: 'PATCH', path: `${section}/${path}`, body, library }
}

function newOf(section: string, body: RowData) {
  return { method: 'POST', path: section, body, library: `await ${clientOf(section)}.create(${JSON.stringify(body)})` }
}

function Actions({ section, data }: { section: string; data: RowData }) {
  const { path, code } = keyOf(data)
  const isRevoked = data['revoked'] === true
  return (
    <div class="bar">
      {REVOCABLE.includes(section) && (
        <Do action={changeOf(section, data, { revoked: !isRevoked })}>
          {isRevoked ? 'Take the revocation back' : 'Revoke'}
        </Do>
      )}
      {'expires' in data && <Do action={changeOf(section, data, { expires: info.value?.clock.now })}>Expire now</Do>}
      {section === 'refresh_tokens' && data['expires'] !== null && (
        <>
          <Do action={jump('before', code)}>Clock to just before its expiry</Do>
          <Do action={jump('after', code)}>Clock to just after its expiry</Do>
        </>
      )}
      <Do action={newOf(section, duplicateOf(data))} then={(made) => openNew(section, made as RowData)}>
        Duplicate
      </Do>
      <Do
        kind="danger"
        action={{ method: 'DELETE', path: `${section}/${path}`, library: `await ${clientOf(section)}.delete(${code})` }}
      >
        Delete
      </Do>
    </div>
  )
}

function openNew(section: string, made: RowData): void {
  go('rows', section, String(made['pk'] ?? made['name']))
}

function jump(where: 'before' | 'after', code: string) {
  const library = `await mock.clock.${where === 'before' ? 'stopBefore' : 'stopAfter'}(${code})`
  return { method: 'POST', path: 'clock/advance', body: { [where]: Number(code) }, library }
}

/** All of a row but what no two rows share. */
function duplicateOf(data: RowData): RowData {
  const own = ['pk', 'num_pk', 'uuid', 'token', 'code', 'device_code', 'user_code', 'key', 'cookie']
  const names = ['name', 'username', 'slug', 'client_id', 'identifier', 'title']
  const entries = Object.entries(data).filter(([field, value]) => !own.includes(field) && value !== undefined)
  return Object.fromEntries(
    entries.map(([field, value]) => [
      field,
      names.includes(field) && typeof value === 'string' ? `${value}-copy` : value,
    ]),
  )
}

function Served({ served, path }: { served: Look; path: string }) {
  const idToken = served.status === 200 ? (JSON.parse(served.body) as RowData)['id_token'] : undefined
  return (
    <>
      <h4>As served to {seenAs.value || 'nobody'}</h4>
      {served.status !== 200 && (
        <p>
          <Badge tone="odd">{served.status}</Badge> {served.reason}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
      <pre class="bytes" tabIndex={0}>
        {readable(served.body)}
      </pre>
      {typeof idToken === 'string' && (
        <>
          <h4>Its id_token</h4>
          <pre class="bytes">{readable(idToken)}</pre>
        </>
      )}
      <Script action={{ method: 'GET', ...lookAt(path) }} />
    </>
  )
}

/** @throws Error for anything else */
function objectIn(text: string): RowData {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`the row: found what is no JSON (${(error as Error).message}); allowed: an object`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as RowData
  throw new Error(`the row: found ${JSON.stringify(value)}; allowed: an object`)
}

/** The row as JSON. What was changed in it is sent, and what is wrong with it is said by the mock. */
function Editor({ section, data }: { section: string; data: RowData }) {
  const whole = JSON.stringify(data, null, 2)
  const written = (): RowData | undefined => {
    try {
      return objectIn(edited.value ?? whole)
    } catch (error) {
      complain(error)
      return undefined
    }
  }
  const save = async () => {
    const row = written()
    if (row === undefined) return
    const body = Object.fromEntries(
      Object.entries(row).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(data[field])),
    )
    if (await act(changeOf(section, data, body))) edited.value = undefined
  }
  const create = async () => {
    const row = written()
    const made = row && (await act(newOf(section, row)))
    if (made === undefined) return
    edited.value = undefined
    openNew(section, made.answer as RowData)
  }
  return (
    <>
      <label>
        As fixtures have it, as JSON
        <textarea
          class="large"
          spellcheck={false}
          value={edited.value ?? whole}
          onInput={(event) => {
            edited.value = event.currentTarget.value
          }}
        />
      </label>
      <div class="bar">
        <button type="button" class="main" disabled={edited.value === undefined} onClick={() => void save()}>
          Save
        </button>
        <button type="button" onClick={() => void create()}>
          Create as another row
        </button>
        <button
          type="button"
          disabled={edited.value === undefined}
          onClick={() => {
            edited.value = undefined
          }}
        >
          As it was
        </button>
      </div>
    </>
  )
}
