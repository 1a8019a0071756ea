import { danglingReferences, documentedRoutes, routesOf, validateOpenapi } from '#testkit';
import { AgreementsController } from '../door/agreements.controller.js';
import { ConfigurationController } from '../door/configuration.controller.js';
import { MembersController } from '../door/members.controller.js';
import { PurposesController } from '../door/purposes.controller.js';
import { openapi } from './document.js';

describe('when the doors are documented', () => {
  it('is a valid OpenAPI 3.1 document', () => {
    expect(validateOpenapi(openapi, { ...openapi, info: {} })).toEqual(['3.1 valid', '3.1 invalid']);
  });

  it('names every route of the controllers and no other', () => {
    const routes = routesOf(MembersController, AgreementsController, PurposesController, ConfigurationController);
    expect([...documentedRoutes(openapi)].sort()).toEqual([...routes].sort());
  });

  it('resolves every reference', () => {
    expect(danglingReferences(openapi)).toEqual([]);
  });
});
