-- The group roles of docs/roles.md. Made here, so that the owner of the tables need not be able to make roles.
CREATE ROLE wye_application NOLOGIN;
CREATE ROLE wye_sequencer NOLOGIN;
CREATE ROLE wye_auditor NOLOGIN;
