// A push service with browsers in it (npm web-push-testing), on the port that is given.
const {PushApiModel} = require('web-push-testing/src/PushApiModel.js');
const Service = require('web-push-testing/src/server.js');

new Service(new PushApiModel(), Number(process.argv[2])).startServer();
