import { computed, effect, signal } from '@preact/signals'
import { render } from 'preact'
import { API, changes, info, isLocked, lastAction, readInfo, said, unlock } from './api.js'
import { Clock } from './clock.js'
import { FaultsAndStubs } from './plans.js'
import { Report } from './report.js'
import { Requests } from './requests.js'
import { Rows } from './rows.js'
import { Copy } from './ui.js'
import { Worlds } from './worlds.js'

const VIEWS = {
  requests: { title: 'Requests', View: Requests },
  rows: { title: 'Rows', View: Rows },
  clock: { title: 'Clock', View: Clock },
  plans: { title: 'Faults and stubs', View: FaultsAndStubs },
  report: { title: 'Report', View: Report },
  worlds: { title: 'Worlds', View: Worlds },
}

const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})
const current = computed(() => {
  const [name = ''] = hash.value.slice(1).split('/')
  return Object.hasOwn(VIEWS, name) ? (name as keyof typeof VIEWS) : 'requests'
})

effect(() => {
  changes.value
  void readInfo()
})

function App() {
  const { View } = VIEWS[current.value]
  return (
    <>
      <Header />
      <main>{isLocked.value ? <Lock /> : <View />}</main>
      <Footer />
    </>
  )
}

function Header() {
  const { world, release, clock, version } = info.value ?? {}
  return (
    <header>
      <h1>authentik-mock {version}</h1>
      <span>
        {world ? `world ${world}` : 'world without a name'}, as authentik {release?.name ?? '…'}, {clock?.now ?? '…'}
        {clock?.frozen ? ' (frozen)' : ''}
      </span>
      <nav aria-label="Views">
        <ul>
          {Object.entries(VIEWS).map(([name, { title }]) => (
            <li key={name}>
              <a href={`#${name}`} aria-current={name === current.value ? 'page' : undefined}>
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
  const { text, isBad } = said.value
  const action = lastAction.value
  return (
    <footer>
      <p role="status" class={isBad ? 'bad' : 'good'}>
        {text}
      </p>
      {action === undefined ? (
        <p class="faint">
          What is done here is shown as a line of curl and as a call of the library;{' '}
          <a href={new URL('openapi.json', API).href}>all of the API</a>
        </p>
      ) : (
        <>
          <Copy label="curl" text={action.curl} />
          <Copy label="library call" text={action.library} />
        </>
      )}
    </footer>
  )
}

const key = signal('')

/** The mock asks for a key: it is kept for this tab. */
function Lock() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        unlock(key.value)
      }}
    >
      <h2>This mock asks for a key</h2>
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
      <button type="submit">Open</button>
    </form>
  )
}

const root = document.getElementById('console')
if (root !== null) render(<App />, root)
