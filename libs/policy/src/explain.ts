import { faultSentence } from '#faults';
import type { Decision } from './decide.js';
import type { Grant } from './policy.js';
import type { LegalBasis } from './terms.js';

/** A decision in words, a line for each grant or fault and one for its obligations. Names terms and pointers, never data of a record. */
export function explain(decision: Decision): string {
  const { permitted, policyVersion } = decision;
  const lines = permitted
    ? decision.grants.flatMap(grantLines)
    : decision.faults.map(({ code, agreement, pointer }) =>
        faultSentence(
          code,
          [agreement && `agreement ${agreement}`, pointer && `at ${pointer} of the request`].filter(Boolean).join(', '),
        ),
      );
  return [`${permitted ? 'Permitted' : 'Refused'} by policy ${policyVersion}.`, ...lines].join('\n');
}

function grantLines({ agreement, version, fields, obligations }: Grant): string[] {
  const { purpose, basis, specialBasis, classification, quota, retention, pseudonym, encryption } = obligations;
  const { begins, delegate, receipts, undisclosed } = obligations;
  const what = fields === 'record' ? 'the whole record' : fields.join(', ');
  const why = `for ${purpose} (${basisText(basis)})`;
  const duties = [
    `class ${classification}`,
    ...(specialBasis === undefined ? [] : [`special fields by ${basisText(specialBasis)}`]),
    `at most ${quota.records} records a ${quota.per}`,
    `kept no longer than ${retention}`,
    `pseudonyms of the ${pseudonym}`,
    encryption === 'consumer' ? "encrypted to the consumer's key" : 'not encrypted',
    ...(receipts === undefined ? [] : [`a signed receipt within ${receipts}`]),
    ...(begins === undefined ? [] : ['changes only']),
    ...(delegate === undefined ? [] : [`${delegate} may act for the consumer`]),
    ...(undisclosed === undefined ? [] : [`not shown to subjects before ${undisclosed.until} (${basisText(undisclosed.basis)})`]),
  ];
  return [`Agreement ${agreement}, version ${version}, gives ${what} ${why}.`, `  Obligations: ${duties.join('; ')}.`];
}

const basisText = ({ text, eli }: LegalBasis): string => (eli === undefined ? text : `${text}, ${eli}`);
