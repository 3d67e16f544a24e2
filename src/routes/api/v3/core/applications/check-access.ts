import * as Type from 'typebox'
import { type Answer, bodyOf } from '../../../../../authentik/answer.js'
import type { RequestContext } from '../../../../../authentik/context.js'
import { wrongUser } from '../../../../../authentik/errors.js'
import { isAdministrator } from '../../../../../authentik/permissions.js'
import { findRow } from '../../../../../authentik/resource/row.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { restView } from '../../../../../authentik/rest-view.js'
import type { View } from '../../../../../authentik/view.js'
import { mayUse } from '../../../../../oauth2/policies.js'
import { parseInteger } from '../../../../../python/integer.js'
import type { Application } from '../../../../../world/kinds/applications.js'
import type { User } from '../../../../../world/kinds/users.js'

const PolicyTestResult = Type.Object(
  { passing: Type.Boolean(), messages: Type.Array(Type.String()), log_messages: Type.Array(Type.Unknown()) },
  { additionalProperties: false, openapi: { component: 'PolicyTestResult' } },
)

/** Whether the policies of an application let the caller pass, or for a superuser the one that `for_user` names. */
export function checkAccessView(applications: Resource): View {
  return restView({
    route: 'application_check_access',
    url: '/api/v3/core/applications/:slug([^.]+)/check_access/',
    name: 'Check access',
    description: 'Check access to a single application by slug',
    allow: 'GET, HEAD, OPTIONS',
    methods: {
      GET: {
        operationId: 'core_applications_check_access_retrieve',
        undocumented: true,
        schema: {
          params: Type.Object({ slug: Type.String() }),
          querystring: Type.Object({ for_user: Type.Optional(Type.Integer()) }),
          response: () => PolicyTestResult,
        },
        handle(ctx) {
          const found = findRow(ctx, applications)
          if (found.refused !== undefined) return found.refused
          const asked = userOf(ctx)
          if ('refused' in asked) return asked.refused
          const passing = passes(ctx, found.row as unknown as Application, asked.user)
          return { status: 200, body: bodyOf(JSON.stringify({ passing, messages: [], log_messages: [] })) }
        },
      },
    },
  })
}

function userOf(ctx: RequestContext): { user: User | undefined } | { refused: Answer } {
  const wanted = ctx.parameter('for_user')
  if (wanted === undefined || ctx.caller === undefined || !isAdministrator(ctx, ctx.caller)) return { user: ctx.caller }
  const pk = parseInteger(wanted)
  if (pk === undefined) return { refused: wrongUser('for_user must be numerical') }
  const user = ctx.database.users.get(pk)
  return user === undefined ? { refused: wrongUser('User not found') } : { user }
}

/** Nobody passes where there are no policies, as everybody does. */
function passes(ctx: RequestContext, application: Application, user: User | undefined): boolean {
  if (application.allowed_groups.length === 0) return true
  return user !== undefined && (isAdministrator(ctx, user) || mayUse(application, user, ctx.database))
}
