import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Report as Data } from '../../bodies.js'
import { call, changes, complain } from './api.js'
import { Do, Table } from './ui.js'

/** What clients did, and what of it goes against the contract, in all worlds. */

const report = signal<Data | undefined>(undefined)

export function Report() {
  const times = changes.value
  useEffect(() => {
    call<Data>('GET', 'report')
      .then((read) => {
        report.value = read
      })
      .catch(complain)
  }, [times])
  const { findings = [], operations = [], requests = 0 } = report.value ?? {}
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  return (
    <>
      <h2>Report</h2>
      <div class="bar">
        <span>{requests} requests in all worlds</span>
        <Do action={{ method: 'DELETE', path: 'report', library: 'await mock.clearReport()' }}>Begin anew</Do>
      </div>
      {rules.length === 0 && <p>Nothing goes against the contract.</p>}
      {rules.map((rule) => {
        const ofRule = findings.filter((finding) => finding.rule === rule)
        return (
          <section key={rule} aria-label={rule}>
            <h3 class={ofRule[0]?.severity === 'error' ? 'bad' : 'odd'}>
              {rule}: {ofRule[0]?.says}
            </h3>
            <p>{ofRule[0]?.hint}</p>
            <ul>
              {ofRule.map(({ found, request, count }) => (
                <li key={found}>
                  {found}: {count} times, first by <code>{request}</code>
                </li>
              ))}
            </ul>
          </section>
        )
      })}
      <h3>Operations</h3>
      <Table
        caption={`${operations.filter(({ statuses }) => Object.keys(statuses).length > 0).length} of ${operations.length} were called`}
        columns={['Operation', 'Answers']}
      >
        {operations.map(({ operation, statuses }) => (
          <tr key={operation}>
            <td>{operation}</td>
            <td>
              {Object.entries(statuses)
                .map(([status, count]) => `${status}: ${count}`)
                .join(', ') || 'never called'}
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}
