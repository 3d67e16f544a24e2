import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Caller } from '../../look-bodies.js'
import { call, changes, complain } from './api.js'
import { hrefOf } from './place.js'
import { lookAs } from './rows.js'
import { dateText } from './time.js'
import { Badge, Script, Table } from './ui.js'

/** Who may call, and what each may see. */

const callers = signal<Caller[]>([])

export function Callers() {
  useEffect(() => {
    call<Caller[]>('GET', 'callers')
      .then((read) => {
        callers.value = read
      })
      .catch(complain)
  }, [changes.value])
  const { length } = callers.value
  return (
    <>
      <h2>Callers</h2>
      <p>
        The API tokens of this world. Superusers see every row, everybody else their own and what a permission opens.
      </p>
      <Table
        caption={`${length} API token${length === 1 ? '' : 's'}`}
        columns={['Key', 'User', 'May', 'Sees', 'State', 'As this caller']}
      >
        {callers.value.map((caller) => (
          <Row key={caller.name} caller={caller} />
        ))}
      </Table>
      <Script action={{ method: 'GET', path: 'callers', library: 'await mock.callers()' }} />
    </>
  )
}

/** What this mock is about stands first. */
function byWorth([a]: [string, unknown], [b]: [string, unknown]): number {
  return Number(b.endsWith('_tokens')) - Number(a.endsWith('_tokens')) || Number(b === FIRST) - Number(a === FIRST)
}

const FIRST = 'refresh_tokens'

function Row({ caller: { name, user, superuser, permissions, intent, expires, refused, sees } }: { caller: Caller }) {
  return (
    <tr>
      <td class="nowrap">
        <a href={hrefOf('rows', 'tokens', name)}>{name}</a>
      </td>
      <td>
        <a href={hrefOf('rows', 'users', user.pk)}>{user.username}</a>
      </td>
      <td>
        <div class="badges">
          {superuser ? (
            <Badge tone="good">everything: superuser</Badge>
          ) : (
            permissions.map((permission) => <Badge key={permission}>{permission}</Badge>)
          )}
          {!superuser && permissions.length === 0 && <span class="faint">its own rows</span>}
        </div>
      </td>
      <td>
        <div class="badges">
          {Object.entries(sees)
            .sort(byWorth)
            .map(([section, count]) => (
              <button
                type="button"
                class="small"
                key={section}
                aria-label={`${section} ${count ?? 'refused'} as ${name}`}
                onClick={() => lookAs(name, section)}
              >
                {section} {count === null ? <b class="bad">refused</b> : <b>{count}</b>}
              </button>
            ))}
        </div>
      </td>
      <td>
        {refused === null ? <Badge tone="good">let in</Badge> : <Badge tone="bad">refused</Badge>}
        <div class="faint">
          {refused ?? (expires === null ? `${intent}, never expires` : `${intent}, until ${dateText(expires)}`)}
        </div>
      </td>
      <td>
        <button type="button" onClick={() => lookAs(name)} aria-label={`See as ${name}`}>
          See as
        </button>
      </td>
    </tr>
  )
}
