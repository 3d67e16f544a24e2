import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiList, Look } from '../../look-bodies.js'
import { call, changes, complain, info, worldUrl } from './api.js'
import { curlOf } from './curl.js'
import { go, hrefOf, place } from './place.js'
import { OpenRow } from './row.js'
import {
  asking,
  listOf,
  NO_QUESTION,
  type Page,
  type RowData,
  readApi,
  readControl,
  seenAs,
  usualOrder,
} from './row-pages.js'
import { stateOf } from './row-state.js'
import { Badge, Choice, Copy, Empty, Field, Script, Table, textOf } from './ui.js'

/** The rows of every kind, as the API lists them to a caller; of kinds that it does not list, as fixtures have them. */

const MAX_COLUMNS = 6
/** Beside an open row. */
const FEW_COLUMNS = 4
/** What tells rows apart stands first. */
const FIRST = ['pk', 'identifier', 'name', 'username', 'slug', 'client_id', 'user', 'provider', 'expires', 'scope']
/** Too much for a cell, or said by the state. */
const HIDDEN = new Set([
  ...['id_token', 'revoked', 'is_expired', 'groups_obj', 'users_obj', 'users', 'attributes', 'permissions', 'uuid'],
  ...['authentication_flow', 'authorization_flow', 'invalidation_flow', 'property_mappings', 'provider_obj'],
])
const MOMENTS = ['expires', 'auth_time', 'last_login']
/** Counts that are none of rows. */
const OTHERS = ['faults', 'stubs', 'requests', 'worlds']
const SIZES = ['25', '100']

const lists = signal<ApiList[] | undefined>(undefined)
const callers = signal<[name: string, text: string][]>([])
const columns = signal<Record<string, string[]>>({})
const found = signal<(Page & { section: string }) | undefined>(undefined)
/** A filter that is being written. */
const draft = signal({ column: '', value: '' })

export function Rows() {
  const [, section = 'refresh_tokens', key = ''] = place.value
  const { filters, ordering, page, size } = asking.value
  const as = seenAs.value
  // Filters and orders are those of a kind.
  useEffect(() => {
    if (asking.value.section !== section) asking.value = { ...NO_QUESTION, section, size }
  }, [section])
  useEffect(() => void prepare(section), [section, changes.value])
  useEffect(
    () => void load(section),
    [section, filters, ordering, page, size, as, changes.value, lists.value, info.value === undefined],
  )
  const list = listOf(lists.value, section)
  const shown = found.value?.section === section ? found.value : undefined
  return (
    <>
      <div class="title">
        <h2>Rows</h2>
        {list === undefined && lists.value !== undefined && (
          <Badge>the API has no list of them: these are as fixtures have them</Badge>
        )}
      </div>
      <Question section={section} list={list} />
      <div class={key === '' ? '' : 'split'}>
        {shown?.refused !== undefined && <Refusal look={shown.refused} />}
        {shown !== undefined && shown.refused === undefined && (
          <Found section={section} list={list} page={shown} opened={key} />
        )}
        {key !== '' && <OpenRow section={section} id={key} list={list} />}
      </div>
    </>
  )
}

function Refusal({ look: { status, body, reason } }: { look: Look }) {
  return (
    <Empty title={`The API answers ${status}.`}>
      <pre>{body}</pre>
      {reason !== null && <p>Why: {reason}</p>}
    </Empty>
  )
}

function Question({ section, list }: { section: string; list: ApiList | undefined }) {
  const { filters, ordering, size } = asking.value
  const kinds = Object.keys(info.value?.counts ?? {}).filter((kind) => !OTHERS.includes(kind))
  const filterNames = list?.filters ?? columns.value[section] ?? []
  const orders = list?.ordering ?? columns.value[section] ?? []
  const { column, value } = draft.value
  const chosen = filterNames.includes(column) ? column : (filterNames[0] ?? '')
  return (
    <>
      <search>
        <form
          class="bar"
          onSubmit={(event) => {
            event.preventDefault()
            ask({ filters: { ...filters, [chosen]: value } })
            draft.value = { column: chosen, value: '' }
          }}
        >
          <Choice
            label="Kind"
            value={section}
            onInput={choose}
            options={kinds.map((kind) => [kind, `${kind} (${info.value?.counts[kind]})`])}
          />
          {list !== undefined && (
            <Choice
              label="As this caller"
              value={seenAs.value}
              onInput={(name) => {
                seenAs.value = name
                ask({})
              }}
              options={callers.value}
            />
          )}
          <Choice
            label="Order"
            value={ordering}
            onInput={(order) => ask({ ordering: order })}
            options={[
              ['', usualOrder(list) === '' ? 'as it comes' : 'by key: there are many'],
              ...orders.flatMap(directions),
            ]}
          />
          <Choice
            label="Where"
            value={chosen}
            onInput={(next) => {
              draft.value = { ...draft.value, column: next }
            }}
            options={filterNames.map((name) => [name, name])}
          />
          <Field
            label="is"
            value={value}
            onInput={(text) => {
              draft.value = { column: chosen, value: text }
            }}
          />
          <button type="submit">Filter</button>
          <Choice
            label="Rows on a page"
            value={String(size)}
            onInput={(text) => ask({ size: Number(text) })}
            options={SIZES.map((each) => [each, each])}
          />
        </form>
      </search>
      <ul class="chips" aria-label="Filters">
        {Object.entries(filters).map(([name, text]) => (
          <li key={name}>
            {name} is {text || 'empty'}{' '}
            <button
              type="button"
              class="small"
              aria-label={`No filter by ${name}`}
              onClick={() => {
                const { [name]: _, ...others } = filters
                ask({ filters: others })
              }}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

const directions = (name: string): [string, string][] => [
  [name, `${name}, rising`],
  [`-${name}`, `${name}, falling`],
]

interface FoundProps {
  section: string
  list: ApiList | undefined
  page: Page
  opened: string
}

function Found({ section, list, page, opened }: FoundProps) {
  const { size, page: number } = asking.value
  const pages = Math.max(1, Math.ceil(page.count / size))
  const [first = '', ...others] = columnsOf(page.rows, opened === '' ? MAX_COLUMNS : FEW_COLUMNS)
  const hasState = page.rows.some((row) => stateOf(row) !== undefined)
  return (
    <div>
      {page.rows.length === 0 ? (
        <Empty title={`No ${section} here.`}>
          <p>{Object.keys(asking.value.filters).length > 0 ? 'Nothing is left by the filters.' : emptyText(list)}</p>
        </Empty>
      ) : (
        <Table
          caption={`${page.count} ${section}, page ${number} of ${pages}`}
          columns={[first, ...(hasState ? ['state'] : []), ...others]}
        >
          {page.rows.map((row) => {
            const key = keyOf(row, list)
            return (
              <tr key={key} class={key === opened ? 'open' : ''}>
                <td class="nowrap">
                  <a href={hrefOf('rows', section, key)} aria-label={`Open ${key}`}>
                    {textOf(row[first])}
                  </a>
                </td>
                {hasState && <State row={row} />}
                {others.map((name) => (
                  <td key={name} class={MOMENTS.includes(name) ? 'nowrap' : ''}>
                    {textOf(row[name])}
                  </td>
                ))}
              </tr>
            )
          })}
        </Table>
      )}
      <nav class="bar pages" aria-label="Pages">
        <Turn to={1} now={number} last={pages} text="First" />
        <Turn to={number - 1} now={number} last={pages} text="Previous" />
        <span>
          {number} of {pages}
        </span>
        <Turn to={number + 1} now={number} last={pages} text="Next" />
        <Turn to={pages} now={number} last={pages} text="Last" />
      </nav>
      <Asked page={page} isOfApi={list !== undefined} />
    </div>
  )
}

function emptyText(list: ApiList | undefined): string {
  return list === undefined ? 'POST makes one; see the API.' : `${seenAs.value || 'Nobody'} sees none of them.`
}

function State({ row }: { row: RowData }) {
  const state = stateOf(row)
  return <td>{state && <Badge tone={state.tone}>{state.text}</Badge>}</td>
}

function Turn({ to, now, last, text }: { to: number; now: number; last: number; text: string }) {
  return (
    <button type="button" disabled={to < 1 || to > last || to === now} onClick={() => ask({ page: to })}>
      {text}
    </button>
  )
}

/** How a script, and how a client, asks for the same. */
function Asked({ page: { path, library }, isOfApi }: { page: Page; isOfApi: boolean }) {
  const apiPath = isOfApi ? new URLSearchParams(path.split('?')[1]).get('path') : null
  return (
    <>
      <Script action={{ method: 'GET', path, library }} />
      {apiPath !== null && (
        <Copy
          label="of the API"
          text={curlOf({
            method: 'GET',
            url: worldUrl() + apiPath,
            headers: seenAs.value === '' ? [] : ['Authorization: Bearer $KEY'],
          })}
        />
      )}
    </>
  )
}

function choose(section: string): void {
  asking.value = { ...NO_QUESTION, section, size: asking.value.size }
  go('rows', section)
}

/** Another question begins at its first page. */
function ask(change: Partial<typeof asking.value>): void {
  asking.value = { ...asking.value, page: 1, ...change }
}

/** What the question is made of. */
async function prepare(section: string): Promise<void> {
  try {
    const [read, tokens] = await Promise.all([
      lists.value ?? call<ApiList[]>('GET', 'resources'),
      call<{ rows: RowData[] }>('GET', 'tokens?page_size=1000'),
    ])
    callers.value = [
      ...tokens.rows.map(({ name, user }): [string, string] => [String(name), `${name} (user ${textOf(user)})`]),
      ['', 'nobody: no key'],
    ]
    lists.value = read
    if (listOf(read, section) === undefined && columns.value[section] === undefined) await loadColumns(section)
  } catch (error) {
    complain(error)
  }
}

let latest = 0

async function load(section: string): Promise<void> {
  if (lists.value === undefined || info.value === undefined) return
  const number = ++latest
  const list = listOf(lists.value, section)
  try {
    const page = await (list === undefined ? readControl(section) : readApi(list))
    // An answer may come after that of a later question.
    if (number === latest) found.value = { ...page, section }
  } catch (error) {
    if (number === latest) complain(error)
  }
}

interface Document {
  paths: Record<string, { get?: { parameters?: { name: string }[] } }>
}

async function loadColumns(section: string): Promise<void> {
  const { paths } = await call<Document>('GET', 'openapi.json')
  const names = (paths[`/_mock/${section}`]?.get?.parameters ?? []).map(({ name }) => name)
  const ofRows = names.filter((name) => !['ordering', 'page', 'page_size'].includes(name))
  columns.value = { ...columns.value, [section]: ofRows }
}

function keyOf(row: RowData, list: ApiList | undefined): string {
  return String(row[list?.lookup ?? 'pk'] ?? row['name'] ?? '')
}

function columnsOf(rows: RowData[], count: number): string[] {
  const [first = {}] = rows
  const names = Object.keys(first).filter((name) => !HIDDEN.has(name))
  const known = FIRST.filter((name) => names.includes(name))
  return [...known, ...names.filter((name) => !known.includes(name))].slice(0, count)
}

/** Shows a list through the eyes of a caller. */
export function lookAs(name: string, section = 'refresh_tokens'): void {
  seenAs.value = name
  choose(section)
}
