//! The command line of `doorpost client`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use doorpost_client::ReportTo;
use doorpost_model::{
    ChatId, FileId, MessageId, PostId, ReportId, RequestId,
    invite::Admission,
    report::{ReportOutcome, ReportReason},
};

use super::parse::{self, AudienceArg, Lifetime, Place, Seats};

/// The headless client: each answer is one JSON object a line. Exit code 0, or 2 with
/// `{"error":{"code":…,"message":…}}`.
#[derive(Args)]
pub struct ClientArgs {
    /// Address of the server, such as http://localhost:7420
    #[arg(long, value_name = "URL", env = "DOORPOST_SERVER")]
    pub server: String,
    /// Folder of this client: its keys and messages. Several processes on one folder wait for each other.
    #[arg(long, value_name = "DIR", env = "DOORPOST_HOME")]
    pub home: PathBuf,
    #[command(subcommand)]
    pub command: ClientCommand,
}

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Sign up, and make this folder a device of the new account.
    Register(RegisterArgs),
    /// Sign in, and make this folder a device of the account.
    Login(LoginArgs),
    /// Who is signed in.
    Whoami,
    /// End the session and delete what is stored here.
    Logout,
    /// Make a code that lets one person sign up (operators).
    RegistrationCode,
    /// Ask somebody to connect.
    Connect { handle: String },
    /// Accept somebody who asked to connect.
    Accept { handle: String },
    /// Everybody you are connected with, or asked, or who asked.
    Connections,
    /// Block somebody.
    Block { handle: String },
    /// See somebody again, and be seen.
    Unblock { handle: String },
    /// Your lists.
    Lists,
    /// Make a list.
    ListCreate { name: String },
    /// Put connections into a list.
    ListAdd {
        name: String,
        #[arg(required = true, value_name = "HANDLE")]
        handles: Vec<String>,
    },
    /// Take people out of a list.
    ListRemove {
        name: String,
        #[arg(required = true, value_name = "HANDLE")]
        handles: Vec<String>,
    },
    /// Write a post; with --chat or --chat-id it leads into a private group chat.
    Post(PostArgs),
    /// Change a post; what is not named stays.
    PostEdit(PostEditArgs),
    /// Close a post's invite: nobody comes in by it any more.
    PostClose { post_id: PostId },
    /// Delete a post.
    PostDelete { post_id: PostId },
    /// The newest posts you may see.
    Feed {
        #[arg(long, value_name = "N", default_value_t = 30)]
        limit: u32,
    },
    /// One post.
    Show { post_id: PostId },
    /// Join the chat behind a post or a link: returns when joined, or with the state `requested`.
    Join {
        #[arg(value_name = "POST_ID|LINK", value_parser = parse::place)]
        place: Place,
        /// Answer to each question, in their order.
        #[arg(long = "answer", value_name = "A")]
        answers: Vec<String>,
    },
    /// Take back a request to join.
    Withdraw { request_id: RequestId },
    /// The link to the chat behind a post.
    Link { post_id: PostId },
    /// Who waits to come into a chat you host.
    Requests { chat_id: ChatId },
    /// Let people in.
    Admit {
        #[arg(required = true, value_name = "REQUEST_ID")]
        request_ids: Vec<RequestId>,
    },
    /// Decline people.
    Decline {
        #[arg(required = true, value_name = "REQUEST_ID")]
        request_ids: Vec<RequestId>,
    },
    /// Show messages of a chat to its hosts, or to the server's operator.
    Report(ReportArgs),
    /// Reports to a chat's hosts, of whom you are one; without a chat, those to you as the operator.
    Reports {
        chat_id: Option<ChatId>,
        /// The operator's that were closed.
        #[arg(long, conflicts_with = "chat_id")]
        closed: bool,
    },
    /// Close a report to the operator, or forget one to the hosts of a chat.
    ReportClose {
        report_id: ReportId,
        /// upheld or dismissed; of one to the operator.
        #[arg(long, value_parser = parse::word::<ReportOutcome>, required_unless_present = "chat")]
        outcome: Option<ReportOutcome>,
        #[arg(long, value_name = "CHAT_ID", conflicts_with = "outcome")]
        chat: Option<ChatId>,
    },
    /// The chat with somebody, made if need be; to somebody who is no connection it is a request.
    Direct { handle: String },
    /// Accept somebody's request to write to you.
    DirectAccept { chat_id: ChatId },
    /// Decline it; they learn nothing of that.
    DirectDecline { chat_id: ChatId },
    /// Your chats.
    Chats,
    /// Who is in a chat.
    Members { chat_id: ChatId },
    /// Write a message; returns when the server has it.
    Send {
        chat_id: ChatId,
        text: String,
        /// Your own id for it: the same one twice is one message.
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
    /// Encrypt and send a file; returns when the server has it.
    SendFile(SendFileArgs),
    /// Fetch a file of a message and write it to PATH.
    GetFile {
        chat_id: ChatId,
        /// `message_id` of its message.
        message_id: MessageId,
        #[arg(value_name = "PATH")]
        path: String,
        /// `file_id`, where the message has several.
        #[arg(long)]
        file_id: Option<FileId>,
    },
    /// The messages of a chat, oldest first.
    Read {
        chat_id: ChatId,
        /// Those after this sequence.
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        after: u64,
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
        /// Who came and went too.
        #[arg(long)]
        events: bool,
    },
    /// Take somebody out of a chat you host.
    Remove { chat_id: ChatId, handle: String },
    /// Leave a chat.
    Leave { chat_id: ChatId },
    /// Print events as they come, and let people in meanwhile, until the input ends.
    Watch,
}

#[derive(Args)]
pub struct ReportArgs {
    /// hosts or operator
    #[arg(long, value_parser = parse::word::<ReportTo>)]
    pub to: ReportTo,
    /// spam, harassment, hate, violence, sexual, self_harm, illegal or other
    #[arg(long, value_parser = parse::word::<ReportReason>, default_value = "other")]
    pub reason: ReportReason,
    /// In your own words.
    #[arg(long, default_value = "")]
    pub comment: String,
    pub chat_id: ChatId,
    #[arg(required = true, value_name = "MESSAGE_ID")]
    pub message_ids: Vec<MessageId>,
}

#[derive(Args)]
pub struct RegisterArgs {
    #[arg(long)]
    pub handle: String,
    #[arg(long)]
    pub name: String,
    /// File with the password in its first line.
    #[arg(long, value_name = "FILE")]
    pub password_file: PathBuf,
    /// Code to sign up with, where the server asks for one.
    #[arg(long)]
    pub code: Option<String>,
}

#[derive(Args)]
pub struct LoginArgs {
    #[arg(long)]
    pub handle: String,
    /// File with the password in its first line.
    #[arg(long, value_name = "FILE")]
    pub password_file: PathBuf,
}

#[derive(Args)]
pub struct SendFileArgs {
    pub chat_id: ChatId,
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Words that go with it.
    #[arg(long, default_value = "")]
    pub text: String,
    /// Such as image/jpeg.
    #[arg(long, value_name = "TYPE", default_value = "application/octet-stream")]
    pub media_type: String,
    /// Your own id for it: the same one twice is one message.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

#[derive(Args)]
pub struct PostArgs {
    #[arg(long)]
    pub text: String,
    /// public, connections, list:NAME, or people:HANDLE,HANDLE
    #[arg(long, value_parser = parse::audience)]
    pub audience: AudienceArg,
    /// Title of a new chat.
    #[arg(long, value_name = "TITLE", conflicts_with = "chat_id")]
    pub chat: Option<String>,
    /// A chat you host.
    #[arg(long)]
    pub chat_id: Option<ChatId>,
    #[arg(long, value_enum)]
    pub admission: Option<AdmissionArg>,
    /// How many people may come in by it.
    #[arg(long, value_name = "N")]
    pub seats: Option<u32>,
    /// After this time nobody comes in: a number and s, m, h or d.
    #[arg(long, value_name = "2h", value_parser = parse::duration_ms)]
    pub expires: Option<i64>,
    /// Asked of everybody who wants in.
    #[arg(long = "question", value_name = "Q")]
    pub questions: Vec<String>,
    /// Deleting the post closes the invite.
    #[arg(long)]
    pub ends_with_post: bool,
}

#[derive(Args)]
pub struct PostEditArgs {
    pub post_id: PostId,
    #[arg(long)]
    pub text: Option<String>,
    /// public, connections, list:NAME, or people:HANDLE,HANDLE
    #[arg(long, value_parser = parse::audience)]
    pub audience: Option<AudienceArg>,
    #[arg(long, value_enum)]
    pub admission: Option<AdmissionArg>,
    /// A number, or `none`.
    #[arg(long, value_name = "N", value_parser = parse::seats)]
    pub seats: Option<Seats>,
    /// A number and s, m, h or d, from now; or `none`.
    #[arg(long, value_name = "2h", value_parser = parse::lifetime)]
    pub expires: Option<Lifetime>,
    /// Replaces all questions.
    #[arg(long = "question", value_name = "Q", conflicts_with = "no_questions")]
    pub questions: Vec<String>,
    #[arg(long)]
    pub no_questions: bool,
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub ends_with_post: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AdmissionArg {
    Open,
    Approval,
}

impl From<AdmissionArg> for Admission {
    fn from(arg: AdmissionArg) -> Self {
        match arg {
            AdmissionArg::Open => Self::Open,
            AdmissionArg::Approval => Self::Approval,
        }
    }
}
