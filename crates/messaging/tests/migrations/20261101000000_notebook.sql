-- What the services of these tests keep.

-- State: how many notes each notebook has. The version of a notebook is its number of notes.
CREATE TABLE notebook (
    id    text   PRIMARY KEY,
    notes bigint NOT NULL
);

-- Effects, in the order in which they were committed. Nothing here forbids doubles: the tests look for them.
CREATE TABLE effect (
    ordinal  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid   NOT NULL,
    notebook text   NOT NULL,
    version  bigint NOT NULL,
    pub_seq  bigint NOT NULL
);
