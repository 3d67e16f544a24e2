import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { jsonText } from '../../world/json.js'
import { FixtureError, quote } from '../../world/load/mistakes.js'
import { Fault, FaultSeed } from '../bodies.js'
import { ControlError } from '../problem.js'
import { answers, IdParams } from './route.js'

const MAX_FAULTS = 100
const MAX_FAULT_BYTES = 1024 * 1024

/** What is to go wrong. */
export function faultRoutes(app: FastifyInstance): void {
  const one = { description: 'the fault, and how often it struck', schema: Fault }
  const missing = (id: string) => new ControlError(404, `there is no fault ${id}`)

  app.get(
    '/_mock/faults',
    {
      schema: {
        summary: 'All faults, in the order in which they are asked',
        response: answers({ 200: { description: 'the faults', schema: Type.Array(Fault) } }),
      },
    },
    (request) => request.findWorld().faults.list,
  )

  app.post<{ Body: FaultSeed }>(
    '/_mock/faults',
    { schema: { summary: 'Add a fault', body: FaultSeed, response: answers({ 201: one }, 422) } },
    (request, reply) => {
      const { status, preset, headers, body } = request.body
      if (status === undefined && preset === undefined && (headers !== undefined || body !== undefined)) {
        const path = headers === undefined ? 'body' : 'headers'
        throw new FixtureError([
          { file: 'body', path, found: 'no status and no preset', allowed: `${path} together with one of them` },
        ])
      }
      // Node throws where it meets one.
      const trailer = Object.keys(headers ?? {}).find((name) => name.toLowerCase() === 'trailer')
      if (trailer !== undefined)
        throw new FixtureError([
          { file: 'body', path: `headers.${trailer}`, found: 'a trailer', allowed: 'other headers' },
        ])
      refuseOrder(request.body)
      refuseLarge(request.body)
      const world = request.findWorld()
      if (world.faults.size >= MAX_FAULTS)
        throw new ControlError(422, `found ${world.faults.size} faults in this world; allowed: ${MAX_FAULTS}`)
      const fault = world.faults.plan(request.body)
      world.apply({ type: 'fault added', fault })
      return reply.code(201).send(fault)
    },
  )

  app.delete(
    '/_mock/faults',
    { schema: { summary: 'Take all faults away', response: answers({ 204: { description: 'done' } }) } },
    (request, reply) => {
      request.findWorld().apply({ type: 'faults cleared' })
      return reply.code(204).send()
    },
  )

  app.get<{ Params: { id: string } }>(
    '/_mock/faults/:id',
    { schema: { summary: 'One fault', params: IdParams, response: answers({ 200: one }, 404) } },
    (request) => {
      const fault = request.findWorld().faults.list.find(({ id }) => id === request.params.id)
      if (fault === undefined) throw missing(request.params.id)
      return fault
    },
  )

  app.delete<{ Params: { id: string } }>(
    '/_mock/faults/:id',
    {
      schema: {
        summary: 'Take a fault away',
        params: IdParams,
        response: answers({ 204: { description: 'done' } }, 404),
      },
    },
    (request, reply) => {
      const world = request.findWorld()
      const { id } = request.params
      if (!world.faults.has(id)) throw missing(id)
      world.apply({ type: 'fault removed', id })
      return reply.code(204).send()
    },
  )
}

function refuseOrder({ barrier, order }: FaultSeed): void {
  if (order === undefined) return
  const refuse = (allowed: string) => {
    throw new FixtureError([{ file: 'body', path: 'order', found: quote(order), allowed }])
  }
  if (barrier === undefined) return refuse('order together with barrier')
  const isOrder =
    order.length === barrier && order.every((place, i) => order.indexOf(place) === i && place >= 1 && place <= barrier)
  if (!isOrder) refuse(`each number from 1 to ${barrier} once`)
}

/** Faults are kept for as long as their world. */
function refuseLarge(fault: FaultSeed): void {
  const bytes = Buffer.byteLength(jsonText(fault))
  if (bytes <= MAX_FAULT_BYTES) return
  throw new FixtureError([
    { file: 'body', path: '', found: `a fault of ${bytes} bytes`, allowed: `at most ${MAX_FAULT_BYTES} bytes` },
  ])
}
