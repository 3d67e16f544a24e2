import type { RowChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Micros } from '../world/instant.js'
import { isOver } from '../world/instant.js'
import type { Application } from '../world/kinds/applications.js'
import type { Consent } from '../world/kinds/consents.js'
import type { Flow } from '../world/kinds/flows.js'
import type { User } from '../world/kinds/users.js'
import { OPENID } from './scopes.js'
import { expiryOf } from './tokens.js'

/** What a user allows an application. The scope openid tells nothing of anybody, and is not asked for. */

/** Whether a user allowed an application just these scopes before: others, or fewer, are asked for again. */
export function hasConsented(
  database: Database,
  user: User,
  application: Application,
  scope: string[],
  now: Micros,
): boolean {
  const consent = consentOf(database, user, application)
  return consent !== undefined && !isOver(consent.expires, now) && permissions(consent.scope) === permissions(scope)
}

/**
 * The change that remembers what a user allows an application, in the place of what was remembered before.
 *
 * @param flow says for how long
 * @throws Crash for longer than there are years
 */
export function putConsent(
  database: Database,
  user: User,
  application: Application,
  scope: string[],
  { consent_expire_in: validity }: Pick<Flow, 'consent_expire_in'>,
): RowChange {
  const expires = validity === null ? null : expiryOf(validity, database.clock.now())
  const before = consentOf(database, user, application)
  const pk = before?.pk ?? (database.newKeys('consents')() as number)
  const named = [...new Set(scope)].sort()
  const isKnown = (name: string) => before?.scope.includes(name) === true
  // The user is shown what is known first, and then what is new.
  const permissions = [...named.filter(isKnown), ...named.filter((name) => !isKnown(name))]
  const row: Consent = { pk, user: user.pk, application: application.pk, scope: permissions, expires }
  return { type: 'put', section: 'consents', row }
}

function consentOf(database: Database, user: User, application: Application): Consent | undefined {
  return database.consents.referring('user', user.pk).find((consent) => consent.application === application.pk)
}

function permissions(scope: string[]): string {
  return [...new Set(scope)]
    .filter((name) => name !== OPENID)
    .sort()
    .join(' ')
}
