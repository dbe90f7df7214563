-- The databases of claimlog on the one server of docker-compose.yml; each service makes its own tables.
create database claimlog_registration;
create database claimlog_coding;
create database claimlog_validation;
create database claimlog_claims;
create database claimlog_keys;
create database claimlog_payments;
