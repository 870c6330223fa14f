# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents that are sent; see the reference in docs for what the server makes of them."""

from __future__ import annotations

PROJECT = "model-registry"  # the project that all Launch queues of an entity live in

VIEWER = "query { viewer { entity username teams { edges { node { name } } } } }"

QUEUES = """query ($entity: String!, $project: String!) { viewer { entity username }
  project(name: $project, entityName: $entity) { runQueues { id name access } } }"""

QUEUE = """query ($entity: String!, $project: String!, $name: String!) { project(name: $project, entityName: $entity) {
  runQueue(name: $name) { id name entityName access prioritizationMode externalLinks createdAt updatedAt
    defaultResourceConfig { id resource config templateVariables { name description schema } } } } }"""

UPSERT_PROJECT = "mutation ($input: UpsertModelInput!) { upsertModel(input: $input) { project { id name } } }"

UPSERT_QUEUE = """mutation ($entityName: String!, $projectName: String!, $queueName: String!, $resourceType: String!,
  $resourceConfig: JSONString!, $templateVariables: JSONString, $prioritizationMode: RunQueuePrioritizationMode,
  $externalLinks: JSONString) {
  upsertRunQueue(input: {entityName: $entityName, projectName: $projectName, queueName: $queueName,
    resourceType: $resourceType, resourceConfig: $resourceConfig, templateVariables: $templateVariables,
    prioritizationMode: $prioritizationMode, externalLinks: $externalLinks}) {
      success configSchemaValidationErrors } }"""

QUEUE_FIELDS = """id name entityName access prioritizationMode externalLinks
    defaultResourceConfig { id resource config templateVariables { name description schema } }"""


def several_queues(count: int) -> str:
    """Return a document that asks for the account, the names of all queues, and some queues (name0, name1...) whole."""
    names = "".join(f", $name{i}: String!" for i in range(count))
    wanted = " ".join(f"queue{i}: runQueue(name: $name{i}) {{ {QUEUE_FIELDS} }}" for i in range(count))
    return f"""query ($entity: String!, $project: String!{names}) {{ viewer {{ entity username }}
  project(name: $project, entityName: $entity) {{ runQueues {{ id name access }} {wanted} }} }}"""


DELETE_QUEUE = "mutation ($id: ID!) { deleteRunQueues(input: {queueIDs: [$id]}) { success } }"

PUSH = """mutation ($entityName: String!, $projectName: String!, $queueName: String!, $runSpec: JSONString!,
  $priority: Int, $templateVariableValues: JSONString) {
  pushToRunQueueByName(input: {entityName: $entityName, projectName: $projectName, queueName: $queueName,
    runSpec: $runSpec, priority: $priority, templateVariableValues: $templateVariableValues}) {
      runQueueItemId runSpec } }"""


def several_items(count: int) -> str:
    """Return a document that asks for some items (item0, item1...) of one queue."""
    ids = "".join(f", $id{i}: ID!" for i in range(count))
    wanted = " ".join(f"item{i}: runQueueItem(id: $id{i}) {{ id state associatedRunId }}" for i in range(count))
    return f"""query ($entity: String!, $project: String!, $queue: String!{ids}) {{
  project(name: $project, entityName: $entity) {{ runQueue(name: $queue) {{ {wanted} }} }} }}"""


def several_runs(count: int) -> str:
    """Return a document that asks for the states of some runs (run0, run1...) of one project."""
    names = "".join(f", $name{i}: String!" for i in range(count))
    wanted = " ".join(f"run{i}: run(name: $name{i}) {{ state }}" for i in range(count))
    return f"""query ($entity: String!, $project: String!{names}) {{
  project(name: $project, entityName: $entity) {{ {wanted} }} }}"""


ITEM_ERROR = """query ($entity: String!, $project: String!, $queue: String!, $id: ID!) {
  project(name: $project, entityName: $entity) { runQueue(name: $queue) {
    runQueueItem(id: $id) { error { message } } } } }"""

# The reference knows id, state and associatedRunId of the items in this list; runSpec is asked for on trial.
_ITEMS = """query ($entity: String!, $project: String!, $queue: String!) {
  project(name: $project, entityName: $entity) { runQueue(name: $queue) {
    runQueueItems { edges { node { id state associatedRunId %s} } } } } }"""
ITEMS_WITH_SPEC = _ITEMS % "runSpec "
ITEMS = _ITEMS % ""
