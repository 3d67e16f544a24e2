import * as Type from 'typebox'
import { bodyOf } from '../../../../../authentik/answer.js'
import { restView } from '../../../../../authentik/rest-view.js'

const BRAND = {
  matched_domain: 'authentik-default',
  branding_title: 'authentik',
  branding_logo: '/static/dist/assets/icons/icon_left_brand.svg',
  branding_favicon: '/static/dist/assets/icons/icon.png',
  ui_footer_links: [],
  ui_theme: 'automatic',
  flow_authentication: 'default-authentication-flow',
  flow_invalidation: 'default-invalidation-flow',
  flow_user_settings: 'default-user-settings-flow',
  default_locale: '',
}

const CurrentBrand = Type.Object(
  {
    matched_domain: Type.String(),
    branding_title: Type.String(),
    branding_logo: Type.String(),
    branding_favicon: Type.String(),
    ui_footer_links: Type.Array(Type.Unknown()),
    ui_theme: Type.String(),
    flow_authentication: Type.String(),
    flow_invalidation: Type.String(),
    flow_user_settings: Type.String(),
    default_locale: Type.String(),
  },
  { additionalProperties: false, openapi: { component: 'CurrentBrand' } },
)

/** /api/v3/core/brands/current/: the brand of a freshly installed authentik. */
export const currentBrandView = restView({
  route: 'current_brand',
  url: '/api/v3/core/brands/current/',
  name: 'Current',
  description: 'Get current brand',
  allow: 'GET, HEAD, OPTIONS',
  methods: {
    GET: {
      operationId: 'core_brands_current_retrieve',
      evidence: 'recorded',
      schema: { response: () => CurrentBrand },
      handle: () => ({ status: 200, body: bodyOf(JSON.stringify(BRAND)) }),
    },
  },
})
