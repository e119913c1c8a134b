// Where the other evaluator decides otherwise and we stay with what AWS writes: rules, each with its reason. A rule looks at
// what the policies hold, never at a single request.

function documents(simulation) {
  const named = ['identityPolicies', 'permissionBoundaryPolicies', 'vpcEndpointPolicies'].flatMap((kind) => simulation[kind] ?? [])
  return [...named.map((one) => one.policy), simulation.sessionPolicy, simulation.resourcePolicy].filter(Boolean)
}

function statements(simulation) {
  return documents(simulation).flatMap((document) => document.Statement.map((statement) => ({ document, statement })))
}

function conditions({ statement }) {
  return Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values }))
  )
}

function any(simulation, test) {
  return statements(simulation).some(test)
}

export const exceptions = [
  {
    id: 'everything is a network',
    // The other evaluator finds no address of the fourth version in 0.0.0.0/0. AWS's own examples deny everything with it.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
    explains: ({ simulation }) =>
      any(simulation, (one) => conditions(one).some(({ values }) => values.includes('0.0.0.0/0'))),
  },
  {
    id: 'the old version has no variables',
    // "If you do not include the Version element, or set it to 2008-10-17, variables such as ${aws:username} are treated as
    // literal strings". The other evaluator fills them in whatever the version.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    explains: ({ simulation }) =>
      any(simulation, ({ document, statement }) => document.Version === '2008-10-17' && JSON.stringify(statement).includes('${')),
  },
  {
    id: 'a star that is spelled out is a star to StringEquals as well',
    // ${*} is a predefined variable for the character. The other evaluator knows it in patterns only.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
    explains: ({ simulation }) =>
      any(simulation, (one) => conditions(one).some(({ operator, values }) => !operator.includes('Like') && values.includes('${*}'))),
  },
  {
    id: 'what is granted to a session is not limited by its policy',
    // A resource policy that names the session (or everyone) grants it directly, and an implicit deny of a session policy does
    // not limit that. The other evaluator says of itself that it does not know session policies yet.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    explains: ({ simulation, ours, detail }) => ours === 'Allowed' && detail === 'resource' && simulation.sessionPolicy !== null,
  },
  {
    id: 'who is spared by NotPrincipal must be listed with account, role and session',
    // "If you specify NotPrincipal with an assumed-role session, you must also specify the role and the account"; else the
    // statement denies. The other evaluator spares a caller who is listed in one of these ways.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    explains: ({ simulation, ours, detail }) =>
      ours === 'ExplicitlyDenied' && detail === 'resource' && any(simulation, ({ statement }) => 'NotPrincipal' in statement),
  },
  {
    id: 'an address of the sixth version is not the one of the fourth',
    // NotIpAddress with an address of one version holds for addresses of the other. The other evaluator says so of ranges, and
    // not of a single address.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
    explains: ({ simulation }) =>
      String(simulation.request.contextVariables['aws:SourceIp']).includes(':') &&
      any(simulation, (one) => conditions(one).some(({ operator, values }) => operator.startsWith('Not') && values.includes('192.0.2.9'))),
  },
  {
    id: 'a variable without a value in NotResource',
    // AWS says that the statement "might" be invalid: we say that we do not know, the other evaluator says no.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    explains: ({ ours, detail }) => ours === 'Unknown' && detail === 'a variable without a value in `NotResource`',
  },
]
