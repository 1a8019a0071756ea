import { danglingReferences, documentedRoutes, routesOf, validateOpenapi } from '#testkit';
import { ContentsController } from '../contents/contents.controller.js';
import { EventsController } from '../events.controller.js';
import { OpenapiController } from '../openapi.controller.js';
import { OutcomesController } from '../outcomes.controller.js';
import { QuestionsController } from '../questions/questions.controller.js';
import { openapi } from './document.js';

describe('when the doors are documented', () => {
  it('is a valid OpenAPI 3.1 document', () => {
    expect(validateOpenapi(openapi, { ...openapi, info: {} })).toEqual(['3.1 valid', '3.1 invalid']);
  });

  it('names every route of the controllers and no other', () => {
    const routes = routesOf(EventsController, OutcomesController, QuestionsController, ContentsController, OpenapiController);
    expect([...documentedRoutes(openapi)].sort()).toEqual([...routes].sort());
  });

  it('resolves every reference', () => {
    expect(danglingReferences(openapi)).toEqual([]);
  });
});
