import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JournalAnswer, JournalEntry } from '../../bodies.js'
import { call, changes, complain, repeating } from './api.js'
import { follow, type Mode } from './journal.js'
import { stubThis } from './plans.js'
import { Choice, Copy, Do, Field, Table } from './ui.js'

/** The journal, live. */

const SHOWN = 500

const entries = signal<JournalEntry[]>([])
const mode = signal<Mode>('off')
const opened = signal<JournalEntry | undefined>(undefined)
const filters = signal({ method: '', path: '', status: '', as: '', unmatched: '' })
/** Grows when the journal is to be read anew. */
const anew = signal(0)

export function Requests() {
  const wanted = new URLSearchParams(Object.entries(filters.value).filter(([, value]) => value !== ''))
  const query = wanted.toString()
  const times = anew.value
  useEffect(() => {
    const controller = new AbortController()
    // Who is still writing in a filter does not want what it found halfway.
    const timer = setTimeout(() => void load(wanted, controller.signal), 100)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [query, times])
  return (
    <>
      <h2>Requests</h2>
      <Filters />
      <Table caption={captionOf()} columns={['Request', 'Status', 'As', 'When', 'ms', 'What of it']}>
        {entries.value.map((entry) => (
          <Row key={entry.id} entry={entry} />
        ))}
      </Table>
      {opened.value && <Detail entry={opened.value} />}
    </>
  )
}

async function load(query: URLSearchParams, signal: AbortSignal): Promise<void> {
  try {
    const { requests } = await call<JournalAnswer>('GET', `requests?${query}&limit=${SHOWN}`)
    if (signal.aborted) return
    entries.value = requests.toReversed()
    await follow({
      query,
      since: requests.at(-1)?.id ?? 0,
      signal,
      onEntries: (more) => {
        entries.value = [...more.toReversed(), ...entries.value].slice(0, SHOWN)
        changes.value++
      },
      onMode: (next) => {
        mode.value = next
      },
    })
  } catch (error) {
    if (!signal.aborted) complain(error)
  }
}

function captionOf(): string {
  const { length } = entries.value
  const how = { live: 'live', polling: 'asked for every second', off: 'not connected' }[mode.value]
  return `${length === SHOWN ? `The latest ${SHOWN}` : length} requests, the latest first; ${how}`
}

function Filters() {
  const set = (name: keyof typeof filters.value) => (value: string) => {
    filters.value = { ...filters.value, [name]: value }
  }
  const { method, path, status, as, unmatched } = filters.value
  return (
    <div class="bar">
      <Field label="Method" value={method} onInput={set('method')} />
      <Field label="Path (* a segment, ** anything)" value={path} onInput={set('path')} />
      <Field label="Status" value={status} onInput={set('status')} isNumber />
      <Field label="As (API token)" value={as} onInput={set('as')} />
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
          opened.value = undefined
          anew.value++
        }}
      >
        Forget all
      </Do>
    </div>
  )
}

function Row({ entry }: { entry: JournalEntry }) {
  const { method, path, query, status, as, at, milliseconds } = entry
  const open = () => {
    opened.value = entry
  }
  return (
    <tr class={entry.unserved ? 'unserved' : ''}>
      <td>
        <button type="button" class="plain" onClick={open}>
          {method} {path}
          {query}
        </button>
      </td>
      <td class={status === null || status >= 400 ? 'bad' : 'good'}>{status ?? 'dropped'}</td>
      <td>{as ?? 'nobody'}</td>
      <td>{at}</td>
      <td>{milliseconds.toFixed(1)}</td>
      <td>
        {remarksOf(entry).map((remark) => (
          <div key={remark}>{remark}</div>
        ))}
        {entry.unserved && (
          <button type="button" onClick={() => stubThis(entry)}>
            Stub this
          </button>
        )}
      </td>
    </tr>
  )
}

function remarksOf({ unserved, fault, stub, forwarded, reason, findings, further }: JournalEntry): string[] {
  const count = findings.length + further
  return [
    ...(unserved ? ['nothing serves this path'] : []),
    ...(fault === null ? [] : [`fault ${fault}`]),
    ...(stub === null ? [] : [`stub ${stub}`]),
    ...(forwarded === null ? [] : [`answered by ${forwarded}`]),
    ...(reason === null ? [] : ['refused']),
    ...(count === 0 ? [] : [`${count} finding${count === 1 ? '' : 's'}`]),
  ]
}

function Detail({ entry }: { entry: JournalEntry }) {
  const { id, method, path, query, reason, closest, route, body, findings, further } = entry
  return (
    <section class="detail" aria-label={`Request ${id}`}>
      <h3>
        {method} {path}
      </h3>
      <dl>
        <dt>Query</dt>
        <dd>{query || 'none'}</dd>
        <dt>Route</dt>
        <dd>{route ?? 'none'}</dd>
        <dt>Why it was refused</dt>
        <dd>{reason ?? 'the answer says it, or it was not'}</dd>
        {closest !== null && (
          <>
            <dt>Closest stub</dt>
            <dd>
              {closest.stub}: {closest.differs.join(', ')}
            </dd>
          </>
        )}
      </dl>
      {findings.length > 0 && (
        <>
          <h3>Against the contract</h3>
          <ul>
            {findings.map(({ rule, found }) => (
              <li key={rule + found} class="odd">
                {rule}: {found} (<a href="#report">what to do instead</a>)
              </li>
            ))}
            {further > 0 && <li>and {further} more</li>}
          </ul>
        </>
      )}
      <h3>What was sent along</h3>
      <pre>{body === null || body === '' ? 'nothing' : body}</pre>
      <Copy label="curl that repeats it" text={repeating(entry)} />
    </section>
  )
}
