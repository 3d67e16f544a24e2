import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import {
  API,
  changes,
  hasWrongKey,
  info,
  isLocked,
  lastAction,
  lookForChanges,
  readInfo,
  said,
  say,
  unlock,
} from './api.js'
import { Callers } from './callers.js'
import { Clock } from './clock.js'
import { hrefOf, place } from './place.js'
import { FaultsAndStubs } from './plans.js'
import { Report } from './report.js'
import { useJournal } from './request-list.js'
import { Requests } from './requests.js'
import { Rows } from './rows.js'
import { dateText, worldNow } from './time.js'
import { Badge, Copy } from './ui.js'
import { Worlds } from './worlds.js'

const VIEWS = {
  requests: { title: 'Requests', View: Requests },
  rows: { title: 'Rows', View: Rows },
  callers: { title: 'Callers', View: Callers },
  clock: { title: 'Clock', View: Clock },
  plans: { title: 'Faults and stubs', View: FaultsAndStubs },
  report: { title: 'Report', View: Report },
  worlds: { title: 'Worlds', View: Worlds },
}

const LOOK_MILLISECONDS = 2000

setInterval(() => {
  if (!document.hidden && !isLocked.value) void lookForChanges()
}, LOOK_MILLISECONDS)

effect(() => {
  changes.value
  void readInfo()
})

/** What went wrong elsewhere is not said of what is open now. */
addEventListener('hashchange', () => {
  if (said.value.isBad) say('')
})

function currentView(): keyof typeof VIEWS {
  const [name = ''] = place.value
  return Object.hasOwn(VIEWS, name) ? (name as keyof typeof VIEWS) : 'requests'
}

function App() {
  const name = currentView()
  const { title, View } = VIEWS[name]
  useJournal(name === 'requests')
  useEffect(() => {
    document.title = `${title} – authentik-mock`
  }, [title])
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        To the content
      </button>
      <Header current={name} />
      <main id="main" tabIndex={-1}>
        {isLocked.value ? <Lock /> : <View />}
      </main>
      <Footer />
    </>
  )
}

/** The hash of the page says which view it is: no link can lead to a part of one. */
function skip(): void {
  document.getElementById('main')?.focus()
}

function Header({ current }: { current: string }) {
  const { world, release, clock, version } = info.value ?? {}
  return (
    <header>
      <div class="brand">
        <h1>
          authentik-mock <small>{version}</small>
        </h1>
        <ul class="facts" aria-label="This world">
          <li>
            <a href={hrefOf('worlds')}>{world ? `world ${world}` : 'world without a name'}</a>
          </li>
          <li>
            <a href={hrefOf('worlds')}>authentik {release?.name ?? '…'}</a>
          </li>
          <li>
            <a href={hrefOf('clock')}>
              <time>{dateText(worldNow())}</time> UTC
            </a>{' '}
            {clock?.frozen && <Badge tone="odd">frozen</Badge>}
          </li>
        </ul>
      </div>
      <nav aria-label="Views">
        <ul>
          {Object.entries(VIEWS).map(([name, { title }]) => (
            <li key={name}>
              <a href={hrefOf(name)} aria-current={name === current ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  )
}

function Footer() {
  const { text, isBad, mistakes } = said.value
  const action = lastAction.value
  return (
    <footer>
      <div class="said">
        <p role="status" class={isBad ? 'bad' : 'good'}>
          {text}
        </p>
        {text !== '' && (
          <button type="button" class="small" onClick={forget}>
            Hide
          </button>
        )}
      </div>
      {mistakes.length > 0 && (
        <ul class="bad">
          {mistakes.map(({ path, found, allowed }) => (
            <li key={path + found}>
              {path || 'all of it'}: found {found}; {allowed.startsWith('did you mean ') ? '' : 'allowed: '}
              {allowed}
            </li>
          ))}
        </ul>
      )}
      {action === undefined ? (
        <p class="faint">
          What you do here is shown as a line of curl and as a call of the library, to copy.{' '}
          <a href={new URL('openapi.json', API).href}>All of the API</a>
        </p>
      ) : (
        <>
          <Copy label="curl" text={action.curl} />
          <Copy label="library" text={action.library} />
        </>
      )}
    </footer>
  )
}

function forget(): void {
  say('')
  lastAction.value = undefined
}

const key = signal('')

/** The mock asks for a key: it is kept for this tab. */
function Lock() {
  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault()
        unlock(key.value)
      }}
    >
      <h2>This mock asks for a key</h2>
      <p>It was started with --control-token. The key is kept for this tab, and sent to the mock alone.</p>
      {hasWrongKey() && (
        <p role="alert" class="bad">
          It asks for another key than the one that it got.
        </p>
      )}
      <label>
        What --control-token was
        <input
          type="password"
          autocomplete="off"
          onInput={(event) => {
            key.value = event.currentTarget.value
          }}
        />
      </label>
      <button type="submit" class="main">
        Open
      </button>
    </form>
  )
}

const root = document.getElementById('console')
if (root !== null) render(<App />, root)
