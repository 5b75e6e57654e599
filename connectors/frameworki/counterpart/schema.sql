-- The tables of a Mosaic reporting database that the connector reads, as councils publish them: names, columns and
-- types are Mosaic's own. Three things are the council's: LAST_UPDATED, which its reporting views add to every table,
-- DM_CARE_PACKAGES, a view of its own on the commissioning module, and
-- DM_PROPOSALS, a view of its own on the worklist of proposed corrections. Unquoted names fold to lower case.
CREATE SCHEMA mosaic;
COMMENT ON SCHEMA mosaic IS 'counterpart of the frameworki connector: made from an example county, safe to make again';

CREATE TABLE mosaic.dm_persons (
    person_id bigint PRIMARY KEY,
    ssda903_id varchar(10),
    nhs_id numeric(10),
    scn_id numeric(9),
    upn_id varchar(13),
    former_upn_id varchar(13),
    full_name varchar(62) NOT NULL,
    title varchar(8),
    first_name varchar(30),
    last_name varchar(30),
    date_of_birth timestamp,
    date_of_death timestamp,
    gender varchar(1) NOT NULL,
    restricted varchar(1),
    person_id_legacy varchar(16) NOT NULL,
    full_ethnicity_code varchar(33),
    country_of_birth_code varchar(16),
    is_child_legacy varchar(1),
    is_adult_legacy varchar(1),
    nationality varchar(80),
    religion varchar(80),
    marital_status varchar(80),
    first_language varchar(100),
    fluency_in_english varchar(100),
    email_address varchar(240),
    context_flag varchar(1),
    scra_id varchar(13),
    interpreter_required varchar(1),
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_persons (last_updated, person_id);

CREATE TABLE mosaic.dm_addresses (
    ref_addresses_people_id integer PRIMARY KEY,
    ref_address_id numeric(9) NOT NULL,
    person_id numeric(16),
    start_date timestamp,
    end_date timestamp,
    address varchar(464),
    post_code varchar(16),
    district varchar(80),
    paf_authority varchar(80),
    ward varchar(80),
    is_in_la_area varchar(1),
    address_type varchar(16),
    is_contact_address varchar(1),
    is_display_address varchar(1),
    housing_tenure varchar(16),
    is_hmo varchar(1),
    oz_lga_name varchar(80),
    oz_lga_number numeric(9),
    oz_sla_id numeric(9),
    oz_lhd_id numeric(9),
    oz_hacc_id numeric(9),
    oz_phams_id numeric(9),
    access_notes varchar(2000),
    easting numeric(10, 2),
    northing numeric(10, 2),
    unique_id numeric(15),
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_addresses (last_updated, ref_addresses_people_id);

CREATE TABLE mosaic.dm_telephone_numbers (
    telephone_number_id integer PRIMARY KEY,
    person_id numeric(16) NOT NULL,
    telephone_number varchar(32),
    telephone_number_type varchar(80) NOT NULL,
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_telephone_numbers (last_updated, telephone_number_id);

CREATE TABLE mosaic.dm_personal_relationships (
    personal_relationship_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    other_person_id bigint NOT NULL,
    family_category varchar(80),
    is_mother varchar(1),
    start_date timestamp,
    end_date timestamp,
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_personal_relationships (last_updated, personal_relationship_id);

CREATE TABLE mosaic.dm_prof_relationships (
    prof_relationship_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    worker_id bigint,
    prof_rel_type_code varchar(20),
    start_date timestamp,
    end_date timestamp,
    end_date_reason varchar(80),
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_prof_relationships (last_updated, prof_relationship_id);

CREATE TABLE mosaic.dm_workers (
    worker_id bigint PRIMARY KEY,
    full_name varchar(62) NOT NULL,
    last_updated timestamp NOT NULL
);

CREATE TABLE mosaic.dm_service_user_groups (
    service_user_group_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    full_group_type varchar(80),
    start_date timestamp,
    end_date timestamp,
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_service_user_groups (last_updated, service_user_group_id);

CREATE TABLE mosaic.dm_cin_referrals (
    referral_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    referral_date timestamp,
    source_of_referral varchar(16),
    referral_type varchar(16),
    reason varchar(80),
    nfa_date timestamp,
    closure_date timestamp,
    closure_reason varchar(16),
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_cin_referrals (last_updated, referral_id);

CREATE TABLE mosaic.dm_cached_form_answers (
    answer_id bigint PRIMARY KEY,
    subject_person_id bigint NOT NULL,
    workflow_step_id bigint,
    question_user_code varchar(128),
    text_answer varchar(4000),
    date_answer timestamp,
    number_answer numeric(18, 4),
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_cached_form_answers (last_updated, answer_id);

CREATE TABLE mosaic.dm_care_packages (
    package_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    service_type varchar(80),
    provider_name varchar(120),
    provider_ref varchar(25),
    weekly_cost numeric(10, 2),
    start_date timestamp,
    end_date timestamp,
    last_updated timestamp NOT NULL
);
CREATE INDEX ON mosaic.dm_care_packages (last_updated, package_id);

CREATE TABLE mosaic.dm_proposals (
    proposal_id uuid PRIMARY KEY,
    person_id bigint NOT NULL,
    field varchar(64) NOT NULL,
    proposed_value varchar(464) NOT NULL,
    state varchar(16) NOT NULL,
    last_updated timestamp NOT NULL
);
