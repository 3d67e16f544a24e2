import type { FastifyInstance, FastifyRequest } from 'fastify'
import { findWaiting, letIn, turnAway } from '../../oauth2/device-codes.js'
import type { RowChange } from '../../world/change.js'
import type { Database } from '../../world/database.js'
import type { DeviceCode } from '../../world/kinds/device-codes.js'
import { changeRows } from '../change-rows.js'
import { requireUser } from '../find-row.js'
import { DeviceApproval, DeviceState } from '../issue-bodies.js'
import { ControlError } from '../problem.js'
import { answers, CodeParams } from './route-schemas.js'

/** What somebody tells a device by the code that it shows. Policies are not asked. */
export function deviceCodeRoutes(app: FastifyInstance): void {
  const device = { 200: { description: 'what became of the device code', schema: DeviceState } }

  app.post<{ Params: { code: string }; Body: DeviceApproval }>(
    '/_mock/device_codes/:code/approve',
    {
      schema: {
        summary: 'Let a device in, by the code that it shows',
        params: CodeParams,
        body: DeviceApproval,
        response: answers(device, 404),
      },
    },
    (request) => {
      const world = request.findWorld()
      const found = requireDevice(world.database, request.params.code)
      return put(request, letIn(found, requireUser(world.database, request.body.user)))
    },
  )

  app.post<{ Params: { code: string } }>(
    '/_mock/device_codes/:code/deny',
    {
      schema: {
        summary: 'Turn a device away, by the code that it shows',
        params: CodeParams,
        response: answers(device, 404),
      },
    },
    (request) => {
      const world = request.findWorld()
      return put(request, turnAway(requireDevice(world.database, request.params.code)))
    },
  )
}

function requireDevice(database: Database, code: string): DeviceCode {
  const device = findWaiting(database, code)
  if (device === undefined) throw new ControlError(404, `no device shows the code ${code}`)
  return device
}

function put(request: FastifyRequest, change: RowChange): DeviceState {
  changeRows(request, [change])
  const { pk, user, denied } = (change as { row: DeviceCode }).row
  return { pk, user, denied }
}
