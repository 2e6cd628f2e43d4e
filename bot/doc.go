// Package bot is the Teams channel: it takes activities in over HTTP and sends activities out through the Bot Framework
// connector, version 3 (https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference).
//
// The activity types and the adapter are msbotbuilder-go's. Its token validator and its connector client are replaced
// through the adapter's exported fields, because they know only multi-tenant bots, cannot follow a key rotation, and lose the
// id of a sent activity. Only personal chats are served: what is said in a group or a channel is not
// kept, and answered there only with where the bot works.
package bot
