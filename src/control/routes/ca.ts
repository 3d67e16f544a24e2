import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { ControlError } from '../problem.js'
import { answers } from './route-schemas.js'

const PEM = 'application/x-pem-file'

/** What a client has to trust to reach the mock by https. */
export function caRoutes(app: FastifyInstance): void {
  app.get(
    '/_mock/ca.pem',
    {
      schema: {
        summary: 'The certificate of the authority that vouches for the mock under https, as PEM',
        response: {
          ...answers({}, 404),
          200: { description: 'the certificate', content: { [PEM]: { schema: Type.String() } } },
        },
      },
    },
    ({ control: { ca } }, reply) => {
      if (ca === undefined) throw new ControlError(404, 'this mock is not served by https; --https-port N asks for it')
      return reply.type(PEM).send(ca)
    },
  )
}
