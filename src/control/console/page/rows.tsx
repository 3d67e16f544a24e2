import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { act, call, changes, complain, info } from './api.js'
import { Choice, Copy, Do, Field, Table, textOf } from './ui.js'

/** The rows of every kind: pages of them, and one as it reads. */

export type RowData = Record<string, unknown>
export interface Page {
  count: number
  rows: RowData[]
}

const SIZE = 25
const MAX_COLUMNS = 7
/** What tells rows apart stands first. */
const FIRST = ['pk', 'name', 'username', 'slug', 'client_id', 'user', 'provider', 'expires', 'revoked', 'scope']
const TOKENS = ['refresh_tokens', 'access_tokens']
/** Counts that are none of rows. */
const OTHERS = ['faults', 'stubs', 'requests', 'worlds']

const section = signal('refresh_tokens')
const query = signal({ column: '', value: '', ordering: '', page: 1 })
const page = signal<Page>({ count: 0, rows: [] })
/** The key of the row that is open, and the columns of its kind. */
const opened = signal<string | undefined>(undefined)
const row = signal<RowData | undefined>(undefined)
const edited = signal<string | undefined>(undefined)
const columns = signal<Record<string, string[]>>({})

export function Rows() {
  const { column, value, ordering, page: number } = query.value
  const name = section.value
  const times = changes.value
  useEffect(() => void load(), [name, column, value, ordering, number, times, opened.value])
  const kinds = Object.keys(info.value?.counts ?? {}).filter((kind) => !OTHERS.includes(kind))
  const shown = shownColumns(page.value.rows)
  const pages = Math.max(1, Math.ceil(page.value.count / SIZE))
  return (
    <>
      <h2>Rows</h2>
      <div class="bar">
        <Choice
          label="Kind"
          value={name}
          onInput={choose}
          options={kinds.map((kind) => [kind, `${kind} (${info.value?.counts[kind]})`])}
        />
        <Choice label="Where" value={column} onInput={(value) => ask({ column: value })} options={optionsOf(name)} />
        <Field label="is" value={value} onInput={(text) => ask({ value: text })} />
        <Choice label="Order" value={ordering} onInput={(value) => ask({ ordering: value })} options={ordersOf(name)} />
        <button type="button" disabled={number <= 1} onClick={() => ask({ page: number - 1 })}>
          Page before
        </button>
        <button type="button" disabled={number >= pages} onClick={() => ask({ page: number + 1 })}>
          Next page
        </button>
      </div>
      <Table caption={`${page.value.count} ${name}, page ${number} of ${pages}`} columns={['Row', ...shown]}>
        {page.value.rows.map((each) => (
          <tr key={keyOf(each)}>
            <td>
              <button type="button" class="plain" onClick={() => open(keyOf(each))}>
                Open {keyOf(each)}
              </button>
            </td>
            {shown.map((field) => (
              <td key={field}>{textOf(each[field])}</td>
            ))}
          </tr>
        ))}
      </Table>
      {row.value && opened.value !== undefined && <Opened name={name} id={opened.value} data={row.value} />}
    </>
  )
}

function open(key: string | undefined): void {
  opened.value = key
  row.value = undefined
  edited.value = undefined
}

function choose(kind: string): void {
  section.value = kind
  open(undefined)
  query.value = { column: '', value: '', ordering: '', page: 1 }
}

/** Another question begins at its first page. */
function ask(change: Partial<typeof query.value>): void {
  query.value = { ...query.value, page: 1, ...change }
}

const optionsOf = (name: string): [string, string][] => [
  ['', 'all'],
  ...(columns.value[name] ?? []).map((column): [string, string] => [column, column]),
]
const ordersOf = (name: string): [string, string][] => [
  ['', 'by key'],
  ...(columns.value[name] ?? []).flatMap((column): [string, string][] => [
    [column, `${column}, rising`],
    [`-${column}`, `${column}, falling`],
  ]),
]

async function load(): Promise<void> {
  const name = section.value
  try {
    const { column, value, ordering, page: number } = query.value
    const asked = new URLSearchParams({ page: String(number), page_size: String(SIZE) })
    if (column !== '' && value !== '') asked.set(column, value)
    if (ordering !== '') asked.set('ordering', ordering)
    const found = await call<Page>('GET', `${name}?${asked}`)
    if (section.value === name) page.value = found
    if (columns.value[name] === undefined) await loadColumns(name)
    if (opened.value !== undefined) await loadRow(name, opened.value)
  } catch (error) {
    complain(error)
  }
}

/** One that is gone is not shown any more. */
async function loadRow(name: string, key: string): Promise<void> {
  const found = await call<RowData>('GET', `${name}/${encodeURIComponent(key)}`).catch(() => undefined)
  if (found === undefined) opened.value = undefined
  row.value = found
}

interface Document {
  paths: Record<string, { get?: { parameters?: { name: string }[] } }>
}

async function loadColumns(name: string): Promise<void> {
  const { paths } = await call<Document>('GET', 'openapi.json')
  const parameters = paths[`/_mock/${name}`]?.get?.parameters ?? []
  const names = parameters.map((parameter) => parameter.name)
  columns.value = {
    ...columns.value,
    [name]: names.filter((parameter) => !['ordering', 'page', 'page_size'].includes(parameter)),
  }
}

/** Rows without a number or an UUID have their name for a key. */
function keyOf(data: RowData): string {
  return String(data['pk'] ?? data['name'] ?? '')
}

function shownColumns(rows: RowData[]): string[] {
  const [first = {}] = rows
  const names = Object.keys(first)
  const known = FIRST.filter((name) => names.includes(name))
  return [...known, ...names.filter((name) => !known.includes(name))].slice(0, MAX_COLUMNS)
}

function Opened({ name, id, data }: { name: string; id: string; data: RowData }) {
  const path = `${name}/${encodeURIComponent(id)}`
  const client = `mock.${name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}`
  const key = typeof data['pk'] === 'number' ? id : JSON.stringify(id)
  const change = (body: RowData) => ({
    method: 'PATCH',
    path,
    body,
    library: `await ${client}.change(${key}, ${JSON.stringify(body)})`,
  })
  const copy = duplicateOf(data)
  return (
    <section class="detail" aria-label={`${name} ${id}`}>
      <h3>
        {name} {id}
      </h3>
      {'expires' in data && <Life data={data} />}
      <div class="bar">
        {TOKENS.includes(name) && (
          <Do action={change({ revoked: data['revoked'] !== true })}>
            {data['revoked'] === true ? 'Take the revocation back' : 'Revoke'}
          </Do>
        )}
        {'expires' in data && <Do action={change({ expires: info.value?.clock.now })}>Expire now</Do>}
        {name === 'refresh_tokens' && data['expires'] !== null && (
          <>
            <Do action={jump('before', id)}>Clock to just before its expiry</Do>
            <Do action={jump('after', id)}>Clock to just after its expiry</Do>
          </>
        )}
        <Do
          action={{
            method: 'POST',
            path: name,
            body: copy,
            library: `await ${client}.create(${JSON.stringify(copy)})`,
          }}
        >
          Duplicate
        </Do>
        <Do action={{ method: 'DELETE', path, library: `await ${client}.delete(${key})` }}>Delete</Do>
      </div>
      {typeof data['id_token'] === 'string' && <Copy label="id_token" text={readable(data['id_token'])} />}
      <Editor data={data} change={change} />
    </section>
  )
}

function jump(where: 'before' | 'after', id: string) {
  const library = `await mock.clock.${where === 'before' ? 'stopBefore' : 'stopAfter'}(${id})`
  return { method: 'POST', path: 'clock/advance', body: { [where]: Number(id) }, library }
}

/** All of a row but what no two rows share. */
function duplicateOf({ pk: _, token: __, uuid: ___, num_pk: ____, ...rest }: RowData): RowData {
  const names = ['name', 'username', 'slug', 'client_id', 'identifier'].filter(
    (field) => typeof rest[field] === 'string',
  )
  return { ...rest, ...Object.fromEntries(names.map((field) => [field, `${rest[field]}-copy`])) }
}

function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** When it began, when it ends, and where the clock stands between. */
function Life({ data }: { data: RowData }) {
  const now = info.value?.clock.now ?? ''
  const moments = [
    ['signed in', data['auth_time']],
    ['expires', data['expires']],
    ['now', now],
  ].filter((moment): moment is [string, string] => typeof moment[1] === 'string')
  moments.sort(([, a], [, b]) => Date.parse(a) - Date.parse(b))
  return (
    <ol class="life">
      {moments.map(([what, at]) => (
        <li key={what} class={what === 'now' ? 'now' : ''}>
          {what}: {at}
        </li>
      ))}
      {data['expires'] === null && <li>never expires</li>}
      {data['revoked'] === true && <li class="bad">revoked</li>}
    </ol>
  )
}

/** The row as JSON. What was changed in it is sent, and what is wrong with it is said by the mock. */
function Editor({ data, change }: { data: RowData; change(body: RowData): Parameters<typeof act>[0] }) {
  const whole = JSON.stringify(data, null, 2)
  const save = async () => {
    try {
      const written = JSON.parse(edited.value ?? whole) as RowData
      const body = Object.fromEntries(
        Object.entries(written).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(data[field])),
      )
      if (await act(change(body))) edited.value = undefined
    } catch (error) {
      complain(error)
    }
  }
  return (
    <>
      <label>
        All of it, as JSON
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
        <button type="button" onClick={() => void save()}>
          Save
        </button>
        <button
          type="button"
          onClick={() => {
            edited.value = undefined
          }}
        >
          As it is
        </button>
      </div>
    </>
  )
}
