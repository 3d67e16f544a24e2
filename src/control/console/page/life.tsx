import type { RowHistory } from '../../issue-bodies.js'
import { hrefOf } from './place.js'
import { entries } from './request-list.js'
import type { RowData } from './row-pages.js'
import { dateText, distanceText, worldNow } from './time.js'

/** The life of a row on a line of time, against the clock of the world. */

type Event = RowHistory['events'][number]

interface Moment {
  what: string
  at: number
  /** How it looks. */
  kind: 'past' | 'now' | 'end' | 'bad'
  event?: Event
}

const ENDINGS = ['revoked', 'deleted', 'used', 'rotated']

export function Life({ data, events }: { data: RowData | undefined; events: Event[] }) {
  const moments = momentsOf(data, events)
  const [first, last] = [moments[0]?.at ?? 0, moments.at(-1)?.at ?? 0]
  const span = Math.max(1, last - first)
  const placeOf = (at: number) => `${(100 * (at - first)) / span}%`
  const undated = events.filter(({ at }) => at === null)
  return (
    <>
      <div class="track" aria-hidden="true">
        <span class="lived" style={{ width: placeOf(Math.min(last, worldNow())) }} />
        {moments.map(({ what, at, kind }) => (
          <span key={what + at} class={`dot ${kind}`} style={{ left: placeOf(at) }} title={what} />
        ))}
      </div>
      <ol class="life" aria-label="Its life">
        {moments.map(({ what, at, kind, event }) => (
          <li key={what + at} class={kind}>
            <b>{what}</b> <time>{dateText(at)}</time>{' '}
            {kind !== 'now' && <span class="faint">{distanceText(at, worldNow())}</span>}
            {event && <About event={event} />}
          </li>
        ))}
        {undated.map((event) => (
          <li key={event.what}>
            <b>{event.what}</b> <span class="faint">when the world began</span>
            <About event={event} />
          </li>
        ))}
        {data?.['expires'] === null && <li>it never expires</li>}
        {data?.['revoked'] === true && !events.some(({ what }) => ENDINGS.includes(what)) && (
          <li class="bad">
            <b>revoked</b> <span class="faint">from the beginning</span>
          </li>
        )}
      </ol>
    </>
  )
}

function momentsOf(data: RowData | undefined, events: Event[]): Moment[] {
  // The page knows the time of the mock to some milliseconds, and what has happened is past.
  const now = Math.max(worldNow(), ...events.map(({ at }) => (at === null ? 0 : Date.parse(at))))
  const moments: Moment[] = [{ what: 'now', at: now, kind: 'now' }]
  const signedIn = timeIn(data, 'auth_time')
  if (signedIn !== undefined) moments.push({ what: 'signed in', at: signedIn, kind: 'past' })
  const end = timeIn(data, 'expires')
  if (end !== undefined) moments.push({ what: end < worldNow() ? 'expired' : 'expires', at: end, kind: 'end' })
  for (const event of events)
    if (event.at !== null)
      moments.push({
        what: event.what,
        at: Date.parse(event.at),
        kind: ENDINGS.includes(event.what) ? 'bad' : 'past',
        event,
      })
  return moments.sort((a, b) => a.at - b.at || Number(a.kind === 'now') - Number(b.kind === 'now'))
}

function timeIn(data: RowData | undefined, field: string): number | undefined {
  const value = data?.[field]
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

/** By whom, and what came of it. */
function About({ event: { by, request, client, grant, from, made, along } }: { event: Event }) {
  const entry = request === null ? undefined : entries.value.find((each) => each.request === request)
  return (
    <div class="faint">
      {entry === undefined ? by : <a href={hrefOf('requests', entry.id)}>{by}</a>}
      {grant !== null && `, ${grant}`}
      {client !== null && `, client ${client}`}
      {from !== null && <RowLink word="from" name={from} />}
      {made.map((name) => (
        <RowLink key={name.pk} word="made" name={name} />
      ))}
      {along !== null && <RowLink word="along with" name={along} />}
    </div>
  )
}

function RowLink({ word, name: { section, pk } }: { word: string; name: { section: string; pk: string | number } }) {
  return (
    <>
      , {word}{' '}
      <a href={hrefOf('rows', section, pk)}>
        {section} {pk}
      </a>
    </>
  )
}
