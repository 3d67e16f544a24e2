import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { JournalDetail } from '../../bodies.js'
import { call, complain, worldUrl } from './api.js'
import { repeating } from './curl.js'
import { hrefOf } from './place.js'
import { stubThis } from './plans.js'
import { Badge, Copy, OpenedTitle, readable, Script, statusTone } from './ui.js'

/** One request: what was sent and answered, and what is to be said of it. */

const detail = signal<JournalDetail | undefined>(undefined)

export function RequestDetail({ id }: { id: string }) {
  useEffect(() => {
    detail.value = undefined
    call<JournalDetail>('GET', `requests/${encodeURIComponent(id)}`)
      .then((read) => {
        detail.value = read
      })
      .catch(complain)
  }, [id])
  const { value } = detail
  return (
    <section class="detail card" aria-label={`Request ${id}`}>
      <div class="title">
        <OpenedTitle id={id}>Request {id}</OpenedTitle>
        <a href={hrefOf('requests')}>Close</a>
      </div>
      {value === undefined || String(value.id) !== id ? (
        <p class="faint">The journal does not have it, or not yet.</p>
      ) : (
        <Shown request={value} />
      )}
    </section>
  )
}

function Shown({ request }: { request: JournalDetail }) {
  const { id, method, path, query, status, as, client, at, route, reason, closest, unserved, head, body, answer } =
    request
  return (
    <>
      <p class="path">
        <b>{method}</b> {path}
        {query}
      </p>
      <dl>
        <Fact name="Answer">
          <Badge tone={statusTone(status)}>{status ?? 'dropped'}</Badge>
        </Fact>
        <Fact name="Who">{as ?? (client === null ? 'nobody' : `client ${client}`)}</Fact>
        <Fact name="When">{at}</Fact>
        <Fact name="Route">{route ?? 'none'}</Fact>
        {reason !== null && (
          <Fact name="Why it was refused">
            <strong class="bad">{reason}</strong>
          </Fact>
        )}
        {request.fault !== null && <Fact name="Fault">{request.fault}</Fact>}
        {request.stub !== null && <Fact name="Stub">{request.stub}</Fact>}
        {request.forwarded !== null && <Fact name="Answered by">{request.forwarded}</Fact>}
        {closest !== null && (
          <Fact name="Closest stub">
            {closest.stub}: {closest.differs.join(', ')}
          </Fact>
        )}
        {request.made.length > 0 && (
          <Fact name="Made">
            <RowLinks names={request.made} />
          </Fact>
        )}
        {request.ended.length > 0 && (
          <Fact name="Ended">
            <RowLinks names={request.ended} />
          </Fact>
        )}
      </dl>
      {unserved && (
        <p>
          <button type="button" class="main" onClick={() => stubThis(request)}>
            Stub this path
          </button>
        </p>
      )}
      <FindingList request={request} />
      <h4>Sent</h4>
      <pre class="bytes">
        {head}
        {body ? `\n\n${body}` : ''}
      </pre>
      <h4>Answered</h4>
      <pre class="bytes">{answer === null ? 'nothing that this mock kept' : answered(answer)}</pre>
      <Copy label="curl that repeats it" text={repeating(request, worldUrl())} />
      <Script action={{ method: 'GET', path: `requests/${id}`, library: `await mock.request(${id})` }} />
    </>
  )
}

function answered({ head, body, whole }: NonNullable<JournalDetail['answer']>): string {
  if (body === null) return `${head}\n\n(a body that was sent in parts)`
  return `${head}\n\n${readable(body)}${whole ? '' : ' … (and more)'}`
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function FindingList({ request: { findings, further } }: { request: JournalDetail }) {
  if (findings.length === 0) return null
  return (
    <>
      <h4>Against the contract</h4>
      <ul class="findings">
        {findings.map(({ rule, severity, says, found, hint }) => (
          <li key={rule + found}>
            <Badge tone={severity === 'error' ? 'bad' : 'odd'}>{severity}</Badge> <b>{rule}</b>: {says}:{' '}
            <code>{found}</code>
            <div class="hint">{hint}</div>
          </li>
        ))}
        {further > 0 && <li>and {further} more</li>}
      </ul>
    </>
  )
}

/** Of texts such as `refresh_tokens 7`. */
function RowLinks({ names }: { names: string[] }) {
  return (
    <>
      {names.map((name) => (
        <span key={name}>
          <a href={hrefOf('rows', ...name.split(' '))}>{name}</a>{' '}
        </span>
      ))}
    </>
  )
}
