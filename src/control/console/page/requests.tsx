import type { JournalEntry } from '../../bodies.js'
import { worldUrl } from './api.js'
import { curlOf } from './curl.js'
import { go, hrefOf, place } from './place.js'
import { stubThis } from './plans.js'
import { RequestDetail } from './request-detail.js'
import { entries, filterQuery, filters, mode, NO_FILTERS, readAnew, refusal, SHOWN } from './request-list.js'
import { timeText } from './time.js'
import { Badge, Choice, Copy, Do, Empty, Field, Script, statusTone, Table, type Tone } from './ui.js'

/** The journal, live. */

const COLUMNS = ['Time', 'Request', 'Status', 'Who', 'ms', 'What of it']
/** What the open request says itself. */
const INSIDE = ['Who', 'ms']

export function Requests() {
  const [, opened = ''] = place.value
  const isEmpty = entries.value.length === 0
  return (
    <>
      <div class="title">
        <h2>Requests</h2>
        {refusal.value === '' && <Connection />}
      </div>
      <Filters />
      {isEmpty ? (
        <Nothing />
      ) : (
        <div class={opened === '' ? '' : 'split'}>
          <Table
            caption={captionOf()}
            columns={opened === '' ? COLUMNS : COLUMNS.filter((column) => !INSIDE.includes(column))}
          >
            {entries.value.map((entry) => (
              <Row key={entry.id} entry={entry} opened={opened} />
            ))}
          </Table>
          {opened !== '' && <RequestDetail id={opened} />}
        </div>
      )}
    </>
  )
}

function captionOf(): string {
  const { length } = entries.value
  return length === SHOWN
    ? `The latest ${SHOWN} requests`
    : `${length} request${length === 1 ? '' : 's'}, the latest first`
}

const CONNECTION = {
  live: ['good', 'live'],
  polling: ['odd', 'asked for every second'],
  off: ['bad', 'not connected'],
} as const

function Connection() {
  const [tone, text] = CONNECTION[mode.value]
  return <Badge tone={tone}>{text}</Badge>
}

function Nothing() {
  if (filterQuery.value !== '')
    return (
      <Empty title={refusal.value === '' ? 'No request is like that.' : 'Requests cannot be filtered like that.'}>
        {refusal.value !== '' && <pre>{refusal.value}</pre>}
        <button
          type="button"
          onClick={() => {
            filters.value = NO_FILTERS
          }}
        >
          Show all
        </button>
      </Empty>
    )
  const url = `${worldUrl()}/api/v3/oauth2/refresh_tokens/`
  return (
    <Empty title="Nobody has asked anything yet.">
      <p>Let your client call this address, or try it; KEY is what --token was, authentik-mock-token by default.</p>
      <Copy label="first request" text={curlOf({ method: 'GET', url, headers: ['Authorization: Bearer $KEY'] })} />
    </Empty>
  )
}

function Filters() {
  const set = (name: keyof typeof NO_FILTERS) => (value: string) => {
    filters.value = { ...filters.value, [name]: value }
  }
  const { method, path, status, as, unmatched } = filters.value
  const wanted = Object.fromEntries(new URLSearchParams(filterQuery.value))
  return (
    <>
      <search class="bar">
        <Field label="Method" value={method} onInput={set('method')} placeholder="any" />
        <Field label="Path" value={path} onInput={set('path')} placeholder="/api/** or /api/v3/*/" />
        <Field label="Status" value={status} onInput={set('status')} isNumber placeholder="any" />
        <Field label="Who (API token)" value={as} onInput={set('as')} placeholder="anybody" />
        <Choice
          label="Which"
          value={unmatched}
          onInput={set('unmatched')}
          options={[
            ['', 'all'],
            ['true', 'what nothing served'],
            ['false', 'what was served'],
          ]}
        />
        <Do
          action={{ method: 'DELETE', path: 'requests', library: 'await mock.clearRequests()' }}
          then={() => {
            go('requests')
            readAnew()
          }}
        >
          Forget all
        </Do>
      </search>
      <Script
        action={{
          method: 'GET',
          path: `requests${filterQuery.value === '' ? '' : `?${filterQuery.value}`}`,
          library: `await mock.requests(${JSON.stringify(wanted)})`,
        }}
      />
    </>
  )
}

function Row({ entry, opened }: { entry: JournalEntry; opened: string }) {
  const { id, method, path, query, status, as, at, milliseconds, unserved } = entry
  const isOpen = String(id) === opened
  return (
    <tr class={`${unserved ? 'unserved' : ''} ${isOpen ? 'open' : ''}`}>
      <td class="nowrap">{timeText(at)}</td>
      <td class="wide">
        <a href={hrefOf('requests', id)} aria-current={isOpen ? 'true' : undefined}>
          <b>{method}</b> {path}
          {query}
        </a>
      </td>
      <td>
        <Badge tone={statusTone(status)}>{status ?? 'dropped'}</Badge>
      </td>
      {opened === '' && (
        <>
          <td>{as ?? <span class="faint">nobody</span>}</td>
          <td class="number">{milliseconds.toFixed(1)}</td>
        </>
      )}
      <td>
        <div class="badges">
          {remarksOf(entry).map(([text, tone]) => (
            <Badge key={text} tone={tone}>
              {text}
            </Badge>
          ))}
          {unserved && (
            <button type="button" class="small" onClick={() => stubThis(entry)}>
              Stub this
            </button>
          )}
        </div>
      </td>
    </tr>
  )
}

function remarksOf({ unserved, fault, stub, forwarded, reason, findings }: JournalEntry): [string, Tone][] {
  const rules = [...new Set(findings.map(({ rule }) => rule))].filter((rule) => rule !== 'unserved-path')
  return [
    ...(unserved ? [['not served', 'odd'] as [string, Tone]] : []),
    ...(fault === null ? [] : [[`fault ${fault}`, 'bad'] as [string, Tone]]),
    ...(stub === null ? [] : [[`stub ${stub}`, 'plain'] as [string, Tone]]),
    ...(forwarded === null ? [] : [[`answered by ${forwarded}`, 'plain'] as [string, Tone]]),
    ...(reason === null ? [] : [['refused', 'bad'] as [string, Tone]]),
    ...rules.map((rule): [string, Tone] => [rule, 'odd']),
  ]
}
