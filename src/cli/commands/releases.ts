import { changesBetween } from '../../authentik/release-changes.js'
import { findRelease, RELEASES, type Release } from '../../authentik/releases.js'
import { RELEASE } from '../options.js'
import { UsageError } from '../usage-error.js'

/** All releases; with two names, what changes from the one to the other. */
export function releasesText(names: string[]): string {
  const [from, to] = names.map(knownRelease)
  return from === undefined || to === undefined ? tableText() : changesText(from, to)
}

function tableText(): string {
  const rows = RELEASES.map(({ name, contract, evidence }) => `${name.padEnd(10)} ${contract.padEnd(10)} ${evidence}`)
  return [`${'release'.padEnd(10)} ${'contract'.padEnd(10)} rests on`, ...rows, ''].join('\n')
}

function changesText(from: Release, to: Release): string {
  const changes = changesBetween(from, to)
  const section = (what: 'body' | 'answers') =>
    changes.filter((change) => change.what === what).map(({ text }) => `  ${text}`)
  const sections = (['body', 'answers'] as const).flatMap((what) =>
    section(what).length === 0 ? [] : [what, ...section(what)],
  )
  return [
    `authentik ${from.name} to ${to.name}: ${changes.length === 0 ? 'nothing changes on this API' : `${changes.length} changes`}`,
    ...sections,
    '',
  ].join('\n')
}

function knownRelease(name: string): Release {
  const release = findRelease(name)
  if (release !== undefined) return release
  throw new UsageError(`releases: found ${JSON.stringify(name)}; allowed: ${RELEASE.allowed(name)}`)
}
