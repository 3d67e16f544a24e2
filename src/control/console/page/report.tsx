import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Report as Data, Finding } from '../../bodies.js'
import { call, changes, complain } from './api.js'
import { Badge, Do, Empty, Script, statusTone, Table } from './ui.js'

/** What clients did, and what of it goes against the contract, in all worlds. */

const report = signal<Data | undefined>(undefined)

export function Report() {
  useEffect(() => {
    call<Data>('GET', 'report')
      .then((read) => {
        report.value = read
      })
      .catch(complain)
  }, [changes.value])
  const { findings = [], operations = [], requests = 0, dropped = 0 } = report.value ?? {}
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  return (
    <>
      <div class="title">
        <h2>Report</h2>
        <span>{requests} requests in all worlds</span>
        <Do kind="danger" action={{ method: 'DELETE', path: 'report', library: 'await mock.clearReport()' }}>
          Begin anew
        </Do>
      </div>
      {rules.length === 0 && (
        <Empty title="Nothing goes against the contract.">
          <p>What clients do that works against a mock, or by luck, and hurts elsewhere, is listed here by rule.</p>
        </Empty>
      )}
      {rules.map((rule) => (
        <Rule key={rule} findings={findings.filter((finding) => finding.rule === rule)} />
      ))}
      {dropped > 0 && <p>{dropped} further findings are not listed.</p>}
      <Coverage operations={operations} />
      <Script action={{ method: 'GET', path: 'report', library: 'await mock.report()' }} />
    </>
  )
}

function Rule({ findings }: { findings: Finding[] }) {
  const [first] = findings
  if (first === undefined) return null
  const { rule, severity, says, hint } = first
  return (
    <section class="card" aria-label={rule}>
      <h3>
        <Badge tone={severity === 'error' ? 'bad' : 'odd'}>{severity}</Badge> {rule}
      </h3>
      <p>
        {says}. <span class="hint">{hint}</span>
      </p>
      <Table caption={`${rule}: ${findings.length} found`} columns={['Found', 'Times', 'First request']}>
        {findings.map(({ found, request, count }) => (
          <tr key={found}>
            <td>{found}</td>
            <td class="number">{count}</td>
            <td>{request}</td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

function Coverage({ operations }: { operations: Data['operations'] }) {
  const called = operations.filter(({ statuses }) => Object.keys(statuses).length > 0).length
  return (
    <section class="card" aria-label="coverage">
      <h3>Coverage</h3>
      <p>
        <meter aria-label="Operations that were called" max={operations.length || 1} value={called} /> {called} of{' '}
        {operations.length} operations were called
      </p>
      <Table caption="Operations and how they were answered" columns={['Operation', 'Answers']}>
        {operations.map(({ operation, statuses }) => (
          <tr key={operation}>
            <td>{operation}</td>
            <td>
              <div class="badges">
                {Object.entries(statuses).map(([status, count]) => (
                  <Badge key={status} tone={statusTone(Number(status) || null)}>
                    {status} × {count}
                  </Badge>
                ))}
                {Object.keys(statuses).length === 0 && <span class="faint">never called</span>}
              </div>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  )
}
