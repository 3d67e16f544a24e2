import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type Action, act, call, changes, complain, info } from './api.js'
import { hrefOf } from './place.js'
import type { RowData } from './row-pages.js'
import { dateText, distanceText, worldNow } from './time.js'
import { Badge, Do, Field } from './ui.js'

/** The time of the world. */

const moment = signal('')
/** Undefined until it was looked for, which takes a moment among very many; null if none is going to expire. */
const next = signal<RowData | null | undefined>(undefined)
const STEPS = ['minutes=5', 'hours=1', 'days=1', 'days=30']

export function Clock() {
  useEffect(() => {
    nextToExpire()
      .then((row) => {
        next.value = row ?? null
      })
      .catch(complain)
  }, [changes.value])
  const { frozen = false } = info.value?.clock ?? {}
  return (
    <>
      <h2>Clock</h2>
      <div class="card">
        <p class="clock">
          <time>{dateText(worldNow())}</time> UTC{' '}
          <Badge tone={frozen ? 'odd' : 'good'}>{frozen ? 'stands still' : 'runs'}</Badge>
        </p>
        <p class="faint">Every date that this world answers with is counted by it.</p>
        <div class="bar">
          <Do action={setting({ frozen: !frozen }, frozen ? 'run()' : 'freeze()')}>
            {frozen ? 'Let it run' : 'Freeze'}
          </Do>
          <Do action={{ method: 'DELETE', path: 'clock', library: 'await mock.clock.reset()' }}>
            Back to the time of the machine
          </Do>
        </div>
      </div>
      <div class="card">
        <h3>The next expiry</h3>
        <Next />
      </div>
      <div class="card">
        <h3>To a moment</h3>
        <div class="bar">
          {STEPS.flatMap((step) => [step, `-${step}`]).map((by) => (
            <Do key={by} action={advance({ by }, `advance(${JSON.stringify(by)})`)}>
              {by.startsWith('-') ? by.replace('-', '− ') : `+ ${by}`}
            </Do>
          ))}
        </div>
        <form
          class="bar"
          onSubmit={(event) => {
            event.preventDefault()
            void act(setting({ now: moment.value }, `set(${JSON.stringify(moment.value)})`))
          }}
        >
          <Field
            label="A moment, or days=31 from now"
            placeholder="2030-01-31T12:00:00Z"
            value={moment.value}
            onInput={(value) => {
              moment.value = value
            }}
          />
          <button type="submit">Go there</button>
        </form>
      </div>
    </>
  )
}

function Next() {
  const row = next.value
  if (row === undefined) return <p>Looking for it …</p>
  if (row === null) return <p>No refresh token is going to expire.</p>
  const pk = String(row['pk'])
  const end = Date.parse(String(row['expires']))
  return (
    <>
      <p>
        <a href={hrefOf('rows', 'refresh_tokens', pk)}>Refresh token {pk}</a> of user {String(row['user'])} expires at{' '}
        <time>{dateText(end)}</time>, <b>{distanceText(end, worldNow())}</b>.
      </p>
      <div class="bar">
        <Do kind="main" action={advance({ before: Number(pk) }, `stopBefore(${pk})`)}>
          Just before the next expiry
        </Do>
        <Do kind="main" action={advance({ after: Number(pk) }, `stopAfter(${pk})`)}>
          Just after the next expiry
        </Do>
      </div>
    </>
  )
}

function setting(body: object, call: string): Action {
  return { method: 'PUT', path: 'clock', body, library: `await mock.clock.${call}` }
}

function advance(body: object, call: string): Action {
  return { method: 'POST', path: 'clock/advance', body, library: `await mock.clock.${call}` }
}

/** The refresh token that is the next to expire: looks in the middle of what is left, as there may be a million. */
async function nextToExpire(): Promise<RowData | undefined> {
  const { clock } = await call<{ clock: { now: string } }>('GET', '.')
  const now = Date.parse(clock.now)
  const at = (place: number) =>
    call<{ count: number; rows: RowData[] }>('GET', `refresh_tokens?ordering=expires&page_size=1&page=${place + 1}`)
  const isAhead = (row: RowData | undefined) => row?.['expires'] == null || Date.parse(String(row['expires'])) > now
  const { count } = await at(0)
  let [low, high] = [0, count]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [row] = (await at(middle)).rows
    if (isAhead(row)) high = middle
    else low = middle + 1
  }
  const [row] = low < count ? (await at(low)).rows : []
  return row?.['expires'] == null ? undefined : row
}
